"""Counting the local derivatives that gradients take: one parameter at a time, or shared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Self

from generator.deriving.activations import ACTIVATIONS
from generator.deriving.network import Network
from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.computation_graphs import LOSS, chain
from generator.exercises.paths import paths
from generator.exercises.proving import formula_at
from generator.model.answers import Choice, Formula, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Tex
from generator.sampling import Rng

LOSSES = ("direct", "error", "softmax")
TAIL = {"direct": 1, "error": 2, "softmax": 2}  # edges from the last layer to the loss
FUNCTIONS = ("sigmoid", "tanh", "relu")
# How one count and the other grow with the depth.
GROWTHS = (
    "quadratic_linear",
    "linear_linear",
    "quadratic_quadratic",
    "linear_constant",
    "exponential_linear",
)


@dataclass(frozen=True, eq=False)
class BackpropCostCount(Exercise):
    """A chain of K layers. A local derivative is an edge of the computation graph: that of a node
    by one that it is computed from. From a weight matrix W_k to L lead one edge to z_k, then `step`
    edges for each further layer, and those from the last layer to the loss.
    """

    title = "What backpropagation saves"
    source = "DS 102 discussion 7, question 2(d)"
    level_settings = ({"layers": 2}, {"layers": 5, "bias": True, "loss": "any"})
    variants = (
        {"layers": 2},
        {"activation": False, "loss": "direct"},
        {"bias": True, "loss": "softmax", "layers": 4},
        {"activation": False, "bias": True},
    )

    layers: int  # K
    activation: str  # of FUNCTIONS; "" where the layers have none
    bias: bool
    loss: str  # of LOSSES
    widths: tuple[int, ...]  # (K + 1): the entries of x and of each layer
    factor: int  # by which the number of layers is multiplied
    growths: tuple[str, ...]  # GROWTHS in the order shown

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        layers: int = 0,
        activation: bool = True,
        bias: bool = False,
        loss: str = "error",
    ) -> Self:
        """`layers` is the number of weight layers (0: 3 or 5); `activation` and `bias` say whether
        layers have one; `loss` is direct (one node computes it), error (a node for the error, one
        for its square), softmax (then cross-entropy) or any."""
        _check_options(layers, loss)
        layers = layers or rng.choice((3, 5))
        kind = rng.choice(LOSSES) if loss == "any" else loss
        last = 1 if kind == "error" else rng.integer(2, 5)
        return cls(
            layers=layers,
            activation=rng.choice(FUNCTIONS) if activation else "",
            bias=bias,
            loss=kind,
            widths=(*(rng.integer(2, 9) for _ in range(layers)), last),
            factor=rng.choice((2, 3, 10)),
            growths=tuple(rng.shuffled(GROWTHS)),
        )

    @property
    def step(self) -> int:
        """Edges from one layer's z to the next one's."""
        return 2 if self.activation else 1

    @property
    def tail(self) -> int:
        return TAIL[self.loss]

    @property
    def kinds(self) -> int:
        """Parameters of a layer: weights, and a bias or none."""
        return 2 if self.bias else 1

    @property
    def path_lengths(self) -> list[int]:
        """Edges from W_k to the loss, for k = 1 to K."""
        return [1 + self.step * (self.layers - k) + self.tail for k in range(1, self.layers + 1)]

    def network(self, layers: int) -> Network:
        return chain(layers, activation=self.activation, bias=self.bias, loss=self.loss)

    def parameters(self, layers: int) -> list[str]:
        return [name for name in self.network(layers).given if name not in ("x", "y")]

    @property
    def entries(self) -> int:
        """The entries of all parameters."""
        sizes = zip(self.widths, self.widths[1:], strict=False)
        return sum(out * (fan + self.bias) for fan, out in sizes)

    @part(points=3)
    def naive(self) -> Number:
        count = self.network(self.layers).derivatives_one_by_one(self.parameters(self.layers))
        return Number(count, integer=True)

    @naive.mistake(
        "The unit is a whole local derivative, one an edge; how many entries it has does not count."
    )
    def entries_counted(self) -> int:
        return self.entries

    @naive.mistake(
        "A path has an edge at each end: the one that leaves the parameter, and the one into $L$."
    )
    def one_edge_short(self) -> int | None:
        return self._unless_shared(self.kinds * (sum(self.path_lengths) - self.layers))

    @naive.mistake("An activation is a node of its own: it adds an edge to every path through it.")
    def activations_skipped(self) -> int | None:
        if not self.activation:
            return None
        skipped = sum(1 + k + self.tail for k in range(self.layers))
        return self._unless_shared(self.kinds * skipped)

    @naive.mistake("Biases are parameters too, and each has a path of its own.")
    def biases_forgotten(self) -> int | None:
        return self._unless_shared(sum(self.path_lengths)) if self.bias else None

    @naive.mistake("Parameters of later layers have shorter paths than those of the first one.")
    def all_as_long_as_the_first(self) -> int:
        return self.kinds * self.layers * self.path_lengths[0]

    def _unless_shared(self, count: int) -> int | None:
        """A wrong count, unless it is the right one of the other part, as happens in small nets."""
        return None if count == self._shared else count

    @part(points=3)
    def shared(self) -> Number:
        count = self.network(self.layers).derivatives_shared(self.parameters(self.layers))
        return Number(count, integer=True)

    @shared.mistake("Edges from data lead from no parameter to the loss: nobody needs them.")
    def all_edges(self) -> int | None:
        every = len(self.network(self.layers).edges)
        # In small nets this is the other count, and no sign of this mistake.
        return None if every == self.kinds * sum(self.path_lengths) else every

    @shared.mistake(
        "Sharing does not just halve the count: count each edge on a path from a parameter once."
    )
    def half_of_naive(self) -> Fraction | None:
        half = Fraction(self.kinds * sum(self.path_lengths), 2)
        return None if half == self._shared else half

    @shared.mistake("The edge into the loss is a local derivative, too.")
    def loss_edge_forgotten(self) -> int:
        return self._shared - 1

    @shared.mistake("The edges that leave the parameters are local derivatives, too.")
    def parameter_edges_forgotten(self) -> int:
        return self._shared - self.kinds * self.layers

    @shared.mistake("Biases are parameters too: each has an edge to its layer.")
    def shared_without_biases(self) -> int | None:
        return self._shared - self.layers if self.bias else None

    @shared.mistake("An activation is a node of its own: the edge into it counts.")
    def shared_without_activations(self) -> int | None:
        return self._shared - (self.layers - 1) if self.activation else None

    @property
    def _shared(self) -> int:
        """An edge for each parameter, those between the layers, those to the loss."""
        return self.kinds * self.layers + self.step * (self.layers - 1) + self.tail

    @part(points=2)
    def naive_formula(self) -> Formula:
        return _formula(*self._naive_of_K)

    @cached_property
    def _naive_of_K(self) -> tuple[Fraction, Fraction, Fraction]:
        """Coefficients of K^2, K and 1: the sum over k of 1 + step (K - k) + tail, per kind."""
        square = Fraction(self.kinds * self.step, 2)
        return square, self.kinds * (1 + self.tail) - square, Fraction(0)

    @naive_formula.mistake("The leading term is right, but it is not all: count for $K = 1$.")
    def square_only(self) -> str:
        return _text(self._naive_of_K[0], Fraction(0), Fraction(0))

    @naive_formula.mistake(
        "Parameters of later layers have shorter paths: the lengths are an arithmetic series."
    )
    def every_path_the_longest(self) -> str:
        slope = self.kinds * self.step
        return _text(Fraction(slope), Fraction(self.kinds * (1 + self.tail) - slope), Fraction(0))

    @naive_formula.mistake(
        "Each path has an edge at both ends: from the parameter, and into the loss."
    )
    def formula_one_edge_short(self) -> str:
        square, linear, _ = self._naive_of_K
        return _text(square, linear - self.kinds, Fraction(0))

    @naive_formula.mistake("Biases are parameters too, with as many paths as the weights.")
    def formula_without_biases(self) -> str | None:
        square, linear, _ = self._naive_of_K
        return _text(square / 2, linear / 2, Fraction(0)) if self.bias else None

    @part(points=1)
    def shared_formula(self) -> Formula:
        return _formula(*self._shared_of_K)

    @property
    def _shared_of_K(self) -> tuple[Fraction, Fraction, Fraction]:
        slope, rest = self.kinds + self.step, self.tail - self.step
        return Fraction(0), Fraction(slope), Fraction(rest)

    @shared_formula.mistake("Sharing changes how the count grows; it does not just halve it.")
    def half_of_the_formula(self) -> str:
        square, linear, _ = self._naive_of_K
        return _text(square / 2, linear / 2, Fraction(0))

    @shared_formula.mistake("Each layer adds the edges of its parameters and those that pass it.")
    def one_edge_a_layer(self) -> str:
        return "K"

    @shared_formula.mistake("The edges that leave the parameters are local derivatives, too.")
    def formula_without_parameter_edges(self) -> str:
        _, linear, rest = self._shared_of_K
        return _text(Fraction(0), linear - self.kinds, rest)

    @shared_formula.mistake("The edge into the loss is a local derivative, too.")
    def formula_without_loss_edge(self) -> str:
        _, linear, rest = self._shared_of_K
        return _text(Fraction(0), linear, rest - 1)

    @part(points=1)
    def growth(self) -> Choice:
        return Choice(frozenset({"quadratic_linear"}), options=self.growths)

    @growth.mistake("Deeper networks have not only more parameters, but also longer paths.")
    def linear_vs_linear(self) -> frozenset[str]:
        return frozenset({"linear_linear"})

    @growth.mistake("Backpropagation takes each edge once: look how the number of edges grows.")
    def both_quadratic(self) -> frozenset[str]:
        return frozenset({"quadratic_quadratic"})

    @growth.mistake("Here each parameter has one path only; it is its length that grows.")
    def paths_multiply(self) -> frozenset[str]:
        return frozenset({"exponential_linear"})

    def verify(self) -> None:
        """Every path from every parameter, edge by edge, in graphs that are built here; for the
        formulas with 1 to 7 layers, for their growth with many."""
        truths = self.truths()
        one_by_one, at_once = self._counted(self.layers)
        agree("naive", truths["naive"], one_by_one)
        agree("shared", truths["shared"], at_once)
        ratios = []
        for place, name in enumerate(("naive_formula", "shared_formula")):
            formula = truths[name]
            assert isinstance(formula, Formula)
            for layers in range(1, 8):
                if formula_at(formula, {"K": layers}) != self._counted(layers)[place]:
                    raise Disagreement(f"{name}: {formula.value} is wrong for {layers} layers")
            many = 10**6
            grown = formula_at(formula, {"K": many * self.factor})
            ratios.append(grown / formula_at(formula, {"K": many}))
        words = {0: "constant", 1: "linear", 2: "quadratic"}
        found = "_".join(words[round(math.log(ratio, self.factor))] for ratio in ratios)
        agree("growth", truths["growth"], frozenset({found}))

    def _counted(self, layers: int) -> tuple[int, int]:
        return counted(layers, bool(self.activation), self.bias, self.loss)

    @property
    def drawn_layers(self) -> int:
        """The number of layers in the figure, which is to be readable."""
        return self.layers if self.layers < 4 else 2

    def graph(self) -> Figure:
        """The graph, with the number of parameters whose path takes it at each edge."""
        network = self.network(self.drawn_layers)
        parameters = self.parameters(self.drawn_layers)
        uses = [edge for name in parameters for edge in network.edges_between(name)]
        nodes = [
            Node(name, tex(name), fill="light" if name in parameters else "none")
            for name in (*network.given, *network.nodes)
        ]
        edges = [
            Edge(a, b, str(uses.count((a, b))), stroke="thin" if (a, b) in uses else "dashed")
            for a, b in network.edges
        ]
        return layered_graph(nodes, edges, layers=self._columns(network))

    def _columns(self, network: Network) -> list[list[str | None]]:
        """The main chain in the middle; what else a node is computed from stands before it."""
        chain = ["x", *network.nodes]
        before = [[a for a, b in network.edges if b == after] for after in chain[1:]]
        columns: list[list[str | None]] = []
        for name, starts in zip(chain, [*before, []], strict=True):
            above, below, *_ = [*(a for a in starts if a != name), None, None]
            columns.append([above, name, below] if self.bias else [above, name])
        return columns

    @cached_property
    def drawn_counts(self) -> tuple[int, int]:
        """Both counts in the figure's network."""
        network, parameters = self.network(self.drawn_layers), self.parameters(self.drawn_layers)
        return network.derivatives_one_by_one(parameters), network.derivatives_shared(parameters)

    @property
    def sum_of_lengths(self) -> Tex:
        return Tex(" + ".join(map(str, self.path_lengths)))

    @property
    def at_1(self) -> tuple[Fraction, Fraction]:
        """Both formulas for one layer."""
        return sum(self._naive_of_K, Fraction(0)), sum(self._shared_of_K, Fraction(0))

    @property
    def function(self) -> Tex:
        return Tex(ACTIVATIONS[self.activation].tex if self.activation else "")

    def of_K(self, part: str) -> Tex:
        """The true formula of a part, as LaTeX."""
        text = _text(*(self._naive_of_K if part == "naive" else self._shared_of_K))
        if text.endswith("/2"):
            return Tex(rf"\frac{{{text[1:-3]}}}{{2}}")
        return Tex(text)


@lru_cache(maxsize=256)
def counted(layers: int, activation: bool, bias: bool, loss: str) -> tuple[int, int]:
    """Local derivatives parameter by parameter, and each once: by walking along every path."""
    edges = [(f"W{k}", f"z{k}") for k in range(1, layers + 1)]
    edges += [(f"b{k}", f"z{k}") for k in range(1, layers + 1) if bias]
    parameters = [start for start, _ in edges]
    for k in range(1, layers):
        edges += pairwise([f"z{k}", *([f"h{k}"] if activation else []), f"z{k + 1}"])
    between = {"direct": [], "error": ["e"], "softmax": ["p"]}[loss]
    edges += pairwise([f"z{layers}", *between, LOSS])
    edges += [("x", "z1"), ("y", "e" if loss == "error" else LOSS)]
    needed = [{edge for path in paths(edges, name, LOSS) for edge in path} for name in parameters]
    return sum(map(len, needed)), len(set[tuple[str, str]]().union(*needed))


def tex(name: str) -> Tex:
    """z1 as z_1."""
    return Tex(f"{name[0]}_{name[1:]}" if name[1:] else name)


def _formula(*coefficients: Fraction) -> Formula:
    return Formula(_text(*coefficients), {"K": "natural"})


def _text(square: Fraction, linear: Fraction, rest: Fraction) -> str:
    """square K^2 + linear K + rest as a student would write it, over 2 where there are halves."""
    divisor = max(each.denominator for each in (square, linear, rest))
    text = ""
    for coefficient, power in ((square, "K^2"), (linear, "K"), (rest, "")):
        size = abs(coefficient * divisor)
        if size == 0:
            continue
        shown = f"{size} {power}" if size != 1 and power else power or str(size)
        text += f" {'-' if coefficient < 0 else '+'} {shown}" if text else shown
    return f"({text})/{divisor}" if divisor > 1 else text


def _check_options(layers: int, loss: str) -> None:
    if layers and not 2 <= layers <= 8:
        raise ValueError("layers is 0 or a whole number from 2 to 8")
    if loss not in (*LOSSES, "any"):
        raise ValueError(f"loss is one of {', '.join(LOSSES)}, any")
