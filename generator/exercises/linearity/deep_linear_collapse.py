"""Linear layers in a row are one linear layer: its weights, its bias, its rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import mul
from typing import Any, Self

import numpy as np

from generator.deriving.term import Term, named
from generator.exercises.proving import formula_at
from generator.model.answers import EXACT, Array, Formula, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.values import Matrix, Vector, exact, plain
from generator.sampling import Rng

LETTERS = (("A", "c"), ("V", "c"), ("M", "u"), ("U", "c"))  # not those of the numbers
SIZES = "nmpqkr"
ENTRIES = (-2, -1, 1, 2, 3)
WIDTHS = ("square", "varied", "bottleneck")
BIASES = ("all", "some", "none")
LAYOUTS = ("columns", "rows")
LARGEST = 60  # what an entry of the product may reach


@dataclass(frozen=True, eq=False)
class DeepLinearCollapse(Exercise):
    """Layers z_l = W_l z_(l-1) + b_l in numbers, others in letters, and a list of widths.

    In the layout "rows" data are row vectors and z_l = z_(l-1) W_l + b_l, as in programs.
    """

    title = "A deep linear network is one linear layer"
    source = "exam of 2023/01/20, exercise 3"
    level_settings = (
        {"depth": 2},
        {"depth": 4, "widths": "varied", "biases": "some", "layout": "rows"},
    )
    variants = (
        {"layout": "rows"},
        {"widths": "varied", "biases": "some"},
        {"widths": "bottleneck", "depth": 4},
        {"biases": "none", "depth": 2, "layout": "rows"},
    )

    layout: str  # "columns" or "rows"
    weights: tuple[Matrix, ...]  # first layer first, as the sheet shows them
    biases: tuple[Vector, ...]  # a layer without a bias has zeros
    biased: tuple[int, ...]  # the layers, from 1, that have a bias
    letters: tuple[str, str]  # of weights and biases in the network in letters
    sizes: tuple[str, ...]  # of its input and of its layers, different letters
    lettered: tuple[int, ...]  # its layers, from 1, that have a bias
    stack: tuple[int, ...]  # widths of the network whose rank is asked, input first

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        depth: int = 3,
        widths: str = "square",
        biases: str = "all",
        layout: str = "columns",
    ) -> Self:
        """`depth` counts the layers, 2 to 4; `widths` are all 2 (square), 2 but for one 3 (varied),
        or have a hidden layer of 1 (bottleneck); `biases` says which layers in numbers have one
        (all, some, none; b_eff is not asked as numbers then); `layout` is columns or rows."""
        _check_options(depth, widths, biases, layout)
        sizes = _widths(rng, depth, widths)
        biased = _biased(rng, depth, biases)
        weights = tuple(_matrix(rng, sizes[k + 1], sizes[k], layout) for k in range(depth))
        if _too_large(weights, layout):
            raise Rejected("an entry of the product is too large")
        return cls(
            layout=layout,
            weights=weights,
            biases=tuple(
                exact([rng.nonzero(4) if k + 1 in biased else 0 for _ in range(sizes[k + 1])])
                for k in range(depth)
            ),
            biased=biased,
            letters=rng.choice(LETTERS),
            sizes=tuple(rng.sample(SIZES, depth + 1)),
            lettered=_biased(rng, depth, rng.choice(("all", "some"))),
            stack=tuple(rng.sample(range(3, 13), depth + 2)),
        )

    @property
    def depth(self) -> int:
        return len(self.weights)

    @property
    def inputs(self) -> int:
        """The width of x."""
        return int(self.weights[0].shape[1 if self.layout == "columns" else 0])

    @property
    def outputs(self) -> int:
        """The width of y."""
        return len(self.biases[-1])

    @property
    def columns(self) -> bool:
        """Whether data are column vectors."""
        return self.layout == "columns"

    def _through(self, start: Any, matrices: Sequence[Any]) -> Any:
        """`start`, a matrix, a vector or a term, passed on through layers, the first one first."""
        return reduce(lambda z, W: W @ z if self.columns else z @ W, matrices, start)

    @cached_property
    def _weights(self) -> tuple[Matrix, ...]:
        """In plain whole numbers."""
        return tuple(map(plain, self.weights))

    @cached_property
    def _biases(self) -> tuple[Vector, ...]:
        return tuple(map(plain, self.biases))

    @cached_property
    def products(self) -> tuple[Matrix, ...]:
        """The product of the first l matrices, for l = 1, ..., depth."""
        return tuple(
            exact(self._through(self._weights[0], self._weights[1:upto]))
            for upto in range(1, self.depth + 1)
        )

    @cached_property
    def constants(self) -> tuple[Vector, ...]:
        """The output of layer l for x = 0, for l = 1, ..., depth."""
        found = [self._biases[0]]
        for W, b in zip(self._weights[1:], self._biases[1:], strict=True):
            found.append(self._through(found[-1], [W]) + b)
        return tuple(map(exact, found))

    @part(points=4)
    def W_eff(self) -> Array:
        return Array(self.products[-1], EXACT)

    @W_eff.mistake(
        "The order of the factors counts: the matrix that meets $x$ first stands next to $x$."
    )
    def reversed_product(self) -> Any:
        try:
            return self._through(self._weights[-1], self._weights[-2::-1])
        except ValueError:
            return None  # the sizes do not fit

    @W_eff.mistake("One layer after the other multiplies their matrices; it does not add them.")
    def matrices_added(self) -> Any:
        return _added(self._weights)

    @W_eff.mistake("This multiplies entry by entry; maps in a row take the matrix product.")
    def elementwise(self) -> Any:
        return reduce(mul, self._weights) if _alike(self._weights) else None

    @W_eff.mistake("This is the transpose of the right matrix: see which side $x$ stands on.")
    def transposed(self) -> Any:
        product = self.products[-1]
        return None if np.array_equal(product, product.T) else product.T

    @W_eff.mistake("The first layer's matrix belongs in the product like all the others.")
    def first_layer_left_out(self) -> Any:
        return self._through(self._weights[1], self._weights[2:])

    @part(points=3)
    def b_eff(self) -> Array | None:
        return Array(self.constants[-1], EXACT) if self.biased else None

    @b_eff.mistake("A bias passes through all later layers, and their matrices multiply it.")
    def biases_just_summed(self) -> Any:
        return _added(self._biases)

    @b_eff.mistake("The biases of earlier layers reach the output too, through later layers.")
    def only_last_bias(self) -> Any:
        return self._biases[-1] if self.depth in self.biased else None

    @b_eff.mistake(
        "A bias is multiplied by the matrices of all later layers, not only by the next one."
    )
    def factor_missing(self) -> Any:
        if min(self.biased, default=self.depth) >= self.depth - 1:
            return None  # no bias passes more than one matrix
        return self._carried_on(lambda layer: self._weights[layer : layer + 1])

    @b_eff.mistake("A bias is added after its own layer's matrix: only later ones multiply it.")
    def own_matrix_too(self) -> Any:
        return self._carried_on(lambda layer: self._weights[layer - 1 :])

    def _carried_on(self, through: Callable[[int], Sequence[Matrix]]) -> Any:
        """The sum of the biases, that of each layer passed on through the matrices that a wrong
        rule says; None where sizes do not fit."""
        try:
            return _added(
                [self._through(b, through(layer)) for layer, b in enumerate(self._biases, start=1)]
            )
        except ValueError:
            return None

    # The network in letters

    @cached_property
    def lettered_weights(self) -> tuple[Term, ...]:
        letter = self.letters[0]
        pairs = zip(self.sizes[1:], self.sizes, strict=False)
        shapes = [pair if self.columns else pair[::-1] for pair in pairs]
        return tuple(named(f"{letter}{k}", shape) for k, shape in enumerate(shapes, start=1))

    @cached_property
    def lettered_biases(self) -> tuple[Term | None, ...]:
        """Of each layer its bias, None where it has none."""
        letter = self.letters[1]
        return tuple(
            named(f"{letter}{layer}", (size, 1) if self.columns else (1, size))
            if layer in self.lettered
            else None
            for layer, size in enumerate(self.sizes[1:], start=1)
        )

    def _carried(self, layer: int, upto: int) -> Term:
        """The bias of `layer` after the layers up to `upto`."""
        bias = self.lettered_biases[layer - 1]
        assert bias is not None
        carried: Term = self._through(bias, self.lettered_weights[layer:upto])
        return carried

    def constant_after(self, upto: int) -> Term | None:
        """What the biases add to the output of layer `upto`; None where there are none so far."""
        carried = [self._carried(layer, upto) for layer in self.lettered if layer <= upto]
        return _sum(carried) if carried else None

    @property
    def _names(self) -> dict[str, Any]:
        terms = [*self.lettered_weights, *(each for each in self.lettered_biases if each)]
        return {str(term): {"shape": list(term.shape)} for term in terms}

    @part(points=2)
    def symbolic_b_eff(self) -> Formula:
        constant = self.constant_after(self.depth)
        return Formula(str(constant), self._names)

    @symbolic_b_eff.mistake("The bias of the last layer is only the last of the terms.")
    def last_letter_only(self) -> str | None:
        return str(self.lettered_biases[-1]) if self.depth in self.lettered else None

    @symbolic_b_eff.mistake("Follow the first bias through all layers: it reaches the output too.")
    def first_letter_lost(self) -> str | None:
        kept = [self._carried(layer, self.depth) for layer in self.lettered[1:]]
        return str(_sum(kept)) if kept else None

    @symbolic_b_eff.mistake("The later layers add biases of their own.")
    def first_letter_only(self) -> str | None:
        first = self._carried(self.lettered[0], self.depth)
        return str(first) if len(self.lettered) > 1 else None

    @symbolic_b_eff.mistake("Biases pass through weights as they are: none is transposed.")
    def transposed_letters(self) -> str:
        return str(_sum([self._carried(layer, self.depth) for layer in self.lettered]).T)

    @part(points=1)
    def max_rank(self) -> Number:
        return Number(min(self.stack), EXACT, integer=True)

    @max_rank.mistake("A product cannot have a higher rank than any of its factors.")
    def widest_layer(self) -> int:
        return max(self.stack)

    @max_rank.mistake("The hidden layers count too: all that reaches the output passes them.")
    def ends_only(self) -> int | None:
        return self._unless_true(min(self.stack[0], self.stack[-1]))

    @max_rank.mistake("The input and the output have a width too, and it bounds the rank as well.")
    def hidden_only(self) -> int | None:
        return self._unless_true(min(self.stack[1:-1]))

    @max_rank.mistake("The rank is the dimension of what comes out, not the number of layers.")
    def number_of_layers(self) -> int | None:
        return self._unless_true(len(self.stack) - 1)

    def _unless_true(self, value: int) -> int | None:
        return None if value == min(self.stack) else value

    def verify(self) -> None:
        """Runs the networks: at 0 for b_eff, at each unit vector for a column (or row) of W_eff;
        the letters at random data; the rank of a product of random matrices."""
        truths = self.truths()

        layers = [
            ((W if self.columns else W.T).tolist(), b.tolist())
            for W, b in zip(self._weights, self._biases, strict=True)
        ]

        def output(x: list[Any]) -> list[Any]:
            for rows, biases in layers:
                x = [
                    sum((w * entry for w, entry in zip(row, x, strict=True)), start)
                    for row, start in zip(rows, biases, strict=True)
                ]
            return x

        zero = [0] * self.inputs
        at_zero = output(zero)
        images = [
            [a - b for a, b in zip(output([*zero[:j], 1, *zero[j + 1 :]]), at_zero, strict=True)]
            for j in range(self.inputs)
        ]
        found = np.array(images, dtype=object)
        agree("W_eff", truths["W_eff"], found.T if self.columns else found)
        agree("b_eff", truths.get("b_eff"), at_zero)
        self._verify_letters(truths["symbolic_b_eff"])
        random = np.random.default_rng(0)
        product = np.eye(self.stack[0])
        for before, after in pairwise(self.stack):
            product = random.standard_normal((after, before)) @ product
        agree("max_rank", truths["max_rank"], int(np.linalg.matrix_rank(product)))

    def _verify_letters(self, truth: Any) -> None:
        random = np.random.default_rng(1)
        widths = range(2, self.depth + 3)
        data: dict[str, Any] = {}
        z = np.zeros(widths[0])
        for layer, (before, after) in enumerate(pairwise(widths), start=1):
            W = random.standard_normal((after, before))
            b = random.standard_normal(after) * (layer in self.lettered)
            data[f"{self.letters[0]}{layer}"] = W if self.columns else W.T
            if layer in self.lettered:
                data[f"{self.letters[1]}{layer}"] = b if self.columns else b[np.newaxis]
            z = W @ z + b
        formula = np.ravel(formula_at(truth, data))
        if not np.allclose(formula, z, rtol=1e-9, atol=1e-12):
            raise Disagreement(f"symbolic_b_eff: {truth.value} is {formula}, the network says {z}")


def _sum(terms: Sequence[Term]) -> Term:
    return sum(terms[1:], terms[0])


def _alike(arrays: Sequence[Matrix]) -> bool:
    """Whether all have one shape."""
    return len({each.shape for each in arrays}) == 1


def _added(arrays: Sequence[Matrix]) -> Any:
    """The sum of arrays of one shape; None if they have not."""
    return sum(arrays[1:], arrays[0]) if _alike(arrays) else None


def _matrix(rng: Rng, outputs: int, inputs: int, layout: str) -> Matrix:
    shape = (outputs, inputs) if layout == "columns" else (inputs, outputs)
    return exact([[rng.choice(ENTRIES) for _ in range(shape[1])] for _ in range(shape[0])])


def _widths(rng: Rng, depth: int, kind: str) -> list[int]:
    """Of the input and of each layer."""
    widths = [2] * (depth + 1)
    if kind == "varied":
        widths[rng.below(depth + 1)] = 3
    if kind == "bottleneck":
        widths[rng.integer(1, depth - 1)] = 1
    return widths


def _biased(rng: Rng, depth: int, biases: str) -> tuple[int, ...]:
    """The layers that have a bias; of some, one has none, and never all but the last."""
    layers = tuple(range(1, depth + 1))
    if biases == "some":
        without = rng.integer(2 if depth == 2 else 1, depth)
        return tuple(layer for layer in layers if layer != without)
    return layers if biases == "all" else ()


def _too_large(weights: tuple[Matrix, ...], layout: str) -> bool:
    first, *rest = weights[::-1] if layout == "columns" else weights
    product = reduce(lambda left, right: left @ right, rest, first)
    return bool((abs(product) > LARGEST).any())


def _check_options(depth: int, widths: str, biases: str, layout: str) -> None:
    if depth not in (2, 3, 4):
        raise ValueError("depth is 2, 3 or 4")
    if widths not in WIDTHS:
        raise ValueError(f"widths is one of {', '.join(WIDTHS)}")
    if biases not in BIASES:
        raise ValueError(f"biases is one of {', '.join(BIASES)}")
    if layout not in LAYOUTS:
        raise ValueError(f"layout is one of {', '.join(LAYOUTS)}")
