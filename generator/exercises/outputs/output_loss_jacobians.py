"""The derivatives of a loss by the outputs, of these by their inputs, and the two multiplied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from typing import Any, Self

import numpy as np

from generator.deriving.network import Network, Numbers
from generator.deriving.operations import (
    Apply,
    BinaryCrossEntropy,
    CrossEntropy,
    Operation,
    SigmoidCrossEntropy,
    Softmax,
    SoftmaxCrossEntropy,
    SquaredError,
)
from generator.deriving.term import Term, named, number
from generator.exercises.activating import activate, softmax
from generator.exercises.letters import draw_letters
from generator.exercises.proving import close, complex_jacobian, complex_steps, formula_at
from generator.model.answers import Array, Formula
from generator.model.declared import Declared
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.values import Matrix, Tex, Vector, exact, times
from generator.notation.formulas.written import Written
from generator.sampling import Rng

# The outputs that a loss can take: a logarithm needs numbers between 0 and 1.
PAIRS = {
    "mse": ("identity", "sigmoid", "tanh", "softmax"),
    "bce": ("sigmoid",),
    "ce": ("softmax", "sigmoid"),
}
OUTPUTS = PAIRS["mse"]
# Output values whose inputs are logarithms of simple fractions.
VALUES = {
    "sigmoid": ("0.1", "0.2", "0.25", "0.4", "0.6", "0.75", "0.8", "0.9"),
    "tanh": ("1/5", "1/3", "1/2", "3/5", "4/5"),
}
POOLS: dict[tuple[str, ...], list[tuple[str, ...]]] = {
    ("z",): [("z",), ("a",), ("s",), ("u",)],
    ("yhat", "y"): [("yhat", "y"), ("p", "t"), ("p", "y"), ("r", "y"), ("r", "t")],
    ("L",): [("L",), ("J",), ("E",)],
}
COURSE = {"z": "z", "yhat": "yhat", "y": "y", "L": "L"}
SIGN = "The sign is lost: where an output is too small, a larger one lowers the loss."
MEAN = "This loss is a mean over the outputs: where is its factor?"
SHORTCUT = "Output minus target holds for some pairs of loss and output only: multiply it out here."
SQUARE = "That is the rule of the squared error; the loss here is another one."


@dataclass(frozen=True, eq=False)
class OutputLossJacobians(Exercise):
    """yhat = g(z) and a loss of yhat and y; numerator layout throughout.

    The outputs are drawn, as fractions; the inputs are what has them as outputs.
    """

    title = "Jacobians of the output layer and the loss"
    source = "Deep learning HW1 of 2021/02/13, 1.2(d), 1.3(a) and 1.3(b)"
    level_settings = (
        {"loss": "mse", "outputs": 2, "letters": "course"},
        {"loss": "any", "output": "any", "outputs": 4, "given": "z"},
    )
    variants = (
        {"loss": "ce", "output": "softmax", "given": "z"},
        {"loss": "mse", "output": "tanh", "half": True, "outputs": 2},
        {"loss": "mse", "output": "softmax"},
        {"loss": "mse", "output": "identity"},
        {"loss": "ce", "output": "sigmoid", "outputs": 4},
    )

    letters: Mapping[str, str]  # from the letters of the course to those of this sheet
    loss: str  # one of PAIRS
    output: str  # the activation of the outputs, one of PAIRS[loss]
    factor: Fraction  # of the sum of squares: 1 or 1/2; 1 for the other losses
    given: str  # "yhat" or "z": which of the two the sheet shows
    yhat: Vector  # (K,) the outputs
    y: Vector  # (K,) the targets

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        loss: str = "bce",
        output: str = "sigmoid",
        outputs: int = 3,
        half: bool = False,
        given: str = "yhat",
        letters: str = "any",
    ) -> Self:
        """`loss` is mse (the sum of squares, or `half` of it), bce (a mean over the outputs), ce or
        any; `output` is identity, sigmoid, tanh, softmax or any, of which bce takes sigmoid, and ce
        softmax and sigmoid; `outputs` is their number K; `given` says whether the sheet shows the
        outputs or their inputs z; `letters = "course"` takes those of the course."""
        pairs = _pairs(loss, output)
        _check_options(pairs, loss, output, outputs, half, given, letters)
        chosen, activation = rng.choice(pairs)
        yhat = _outputs(rng, activation, outputs)
        return cls(
            letters=dict(COURSE) if letters == "course" else draw_letters(rng, POOLS),
            loss=chosen,
            output=activation,
            factor=Fraction(1, 2) if half and chosen == "mse" else Fraction(1),
            given=given,
            yhat=yhat,
            y=_targets(rng, activation, chosen, yhat),
        )

    @property
    def size(self) -> int:
        """K."""
        return len(self.yhat)

    # The network, in the letters of this sheet

    @cached_property
    def network(self) -> Network:
        """Output and loss as two nodes."""
        yhat, y = self.letters["yhat"], self.letters["y"]
        losses: dict[str, Operation] = {
            "mse": SquaredError(yhat, y, self.factor),
            "bce": BinaryCrossEntropy(yhat, y, "K"),
            "ce": CrossEntropy(yhat, y),
        }
        return self._with(losses[self.loss])

    def _with(self, loss: Operation) -> Network:
        return _network(tuple(self.letters.items()), self.output, loss)

    @cached_property
    def course(self) -> Network:
        """The network in the letters of the course: numbers are worked out in these, so that many
        sheets share their formulas."""
        return replace(self, letters=COURSE).network

    @cached_property
    def simplified_gradient(self) -> Term:
        """dL/dz in letters as a column, with what cancels left out."""
        z, yhat, y = (self.letters[role] for role in ("z", "yhat", "y"))
        match self.loss, self.output:
            case "bce", "sigmoid":
                return self._with(SigmoidCrossEntropy(z, yhat, y, "K")).gradient(z)
            case "ce", "softmax":
                return self._with(SoftmaxCrossEntropy(z, yhat, y)).gradient(z)
            case "ce", "sigmoid":  # yhat cancels against its own slope
                return -(self.letter("y") * (number(1) - self.letter("yhat")))
        return self.network.gradient(z)

    def letter(self, role: str) -> Term:
        return self.network.named(self.letters[role])

    @cached_property
    def names(self) -> Declared:
        """What may occur in the answer in letters."""
        y = self.letters["y"]
        targets = {"softmax": "onehot", "sigmoid": "unit"}.get(self.output, "real")
        if self.loss == "ce":
            targets = "onehot"
        z, yhat = self.letters["z"], self.letters["yhat"]
        return Declared(self.network.declared(z, yhat, y, **{y: targets}))

    def _at(self, term: Term) -> Vector:
        return exact(self._numbers.at(term))

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.course, {"yhat": self.yhat, "y": self.y})

    @cached_property
    def slopes(self) -> Vector:
        """The derivative of each output by its own input, (K,)."""
        return exact(np.diagonal(self.jacobian))

    @cached_property
    def jacobian(self) -> Matrix:
        """dyhat/dz, (K, K)."""
        return self._at(self.course.jacobian("yhat", "z"))

    @cached_property
    def error(self) -> Vector:
        return exact(self.yhat - self.y)

    def _for(self, loss: str, value: Callable[[], Any]) -> Any:
        return value() if self.loss == loss else None

    # The parts

    @part(points=3)
    def dl_dyhat(self) -> Array:
        return Array(self._dl_dyhat)

    @cached_property
    def _dl_dyhat(self) -> Vector:
        return self._at(self.course.gradient("yhat"))

    @dl_dyhat.mistake(SIGN)
    def sign(self) -> Any:
        return -self._dl_dyhat

    @dl_dyhat.mistake("Look at the factor: a square gives 2, and a factor of the loss stays.")
    def factor_2(self) -> Any:
        return self._for("mse", lambda: (3 - 2 * self.factor) * self.error)

    @dl_dyhat.mistake(MEAN)
    def mean_lost(self) -> Any:
        return self._for("bce", lambda: self.size * self._dl_dyhat)

    @dl_dyhat.mistake("The derivative of $ln(1 - u)$ has a minus sign of its own.")
    def inner_sign_lost(self) -> Any:
        return self._for(
            "bce", lambda: -(self.y / self.yhat + (1 - self.y) / (1 - self.yhat)) / self.size
        )

    @dl_dyhat.mistake("Targets of 0 count as well: this loss has a second logarithm.")
    def ce_rule(self) -> Any:
        return self._for("bce", lambda: -self.y / self.yhat)

    @dl_dyhat.mistake("Targets of 0 count as well: this loss has a second logarithm.")
    def ce_rule_in_the_mean(self) -> Any:
        return self._for("bce", lambda: -self.y / self.yhat / self.size)

    @dl_dyhat.mistake("Entry $j$ is divided by output $j$: every index is the same one.")
    def wrong_index_denominator(self) -> Any:
        first = self.yhat[0]
        return self._for("bce", lambda: -(self.y / first - (1 - self.y) / (1 - first)) / self.size)

    @dl_dyhat.mistake("Only the right class is in this loss: a target of 0 removes its term.")
    def bce_rule(self) -> Any:
        return self._for("ce", lambda: -(self.y / self.yhat - (1 - self.y) / (1 - self.yhat)))

    @dl_dyhat.mistake("The target is a factor: a target of 0 removes its term.")
    def target_lost(self) -> Any:
        return self._for("ce", lambda: -1 / self.yhat)

    @dl_dyhat.mistake(SQUARE)
    def mse_rule(self) -> Any:
        return None if self.loss == "mse" else 2 * self.error

    @part(points=3)
    def dyhat_dz(self) -> Array:
        return Array(self.jacobian)

    def _diagonal(self, entries: Any) -> Matrix:
        return exact(np.diag(entries))

    @dyhat_dz.mistake("Does output $i$ depend on input $j$ here? Where it doesn't, the entry is 0.")
    def full_matrix_for_diag(self) -> Any:
        return None if self.output == "softmax" else np.tile(self.slopes, (self.size, 1))

    @dyhat_dz.mistake("That is the Jacobian of a softmax: here each output has its own input.")
    def softmax_rule(self) -> Any:
        if self.output == "softmax":
            return None
        return self._diagonal(self.yhat) - np.outer(self.yhat, self.yhat)

    @dyhat_dz.mistake("On the diagonal stand the slopes, not the outputs themselves.")
    def value_for_slope(self) -> Any:
        return None if self.output == "softmax" else self._diagonal(self.yhat)

    @dyhat_dz.mistake("That is the slope of another activation.")
    def other_slope(self) -> Any:
        match self.output:
            case "sigmoid":
                return self._diagonal(1 - self.yhat * self.yhat)
            case "tanh" | "identity":
                return self._diagonal(self.yhat * (1 - self.yhat))
        return None

    @dyhat_dz.mistake("Every input is in every denominator: no entry of this matrix is 0.")
    def diagonal_only(self) -> Any:
        return self._diagonal(self.slopes) if self.output == "softmax" else None

    @dyhat_dz.mistake("A larger input takes from the other outputs: look at the signs.")
    def off_diagonal_sign(self) -> Any:
        if self.output != "softmax":
            return None
        return 2 * self._diagonal(self.slopes) - self.jacobian

    @dyhat_dz.mistake("On the diagonal the numerator depends on the input as well.")
    def numerator_forgotten(self) -> Any:
        return -np.outer(self.yhat, self.yhat) if self.output == "softmax" else None

    @part(points=3)
    def dl_dz(self, dl_dyhat: Vector, dyhat_dz: Matrix) -> Array:
        return Array(times(dl_dyhat, dyhat_dz))

    @cached_property
    def _dl_dz(self) -> Vector:
        return times(self._dl_dyhat, self.jacobian)

    @dl_dz.mistake(SIGN)
    def sign_of_dl_dz(self) -> Any:
        return -self._dl_dz

    @dl_dz.mistake(MEAN)
    def mean_lost_of_dl_dz(self) -> Any:
        return self._for("bce", lambda: self.size * self._dl_dz)

    @dl_dz.mistake("The slopes have been multiplied twice: the row of (a) is without them.")
    def already_times_slope(self) -> Any:
        return None if self.output == "identity" else times(self._dl_dz, self.jacobian)

    @dl_dz.mistake(SQUARE)
    def mse_rule_of_dl_dz(self) -> Any:
        return None if self.loss == "mse" else 2 * self.error

    @dl_dz.mistake(SHORTCUT)
    def matching_pair(self) -> Any:
        if not self.shortcut_is_wrong or self.factor != 1:  # else it is the right row of (a)
            return None
        return self.error

    @dl_dz.mistake("Each input moves every output: entry $j$ adds up a whole column.")
    def diagonal_only_of_dl_dz(self) -> Any:
        return self._dl_dyhat * self.slopes if self.output == "softmax" else None

    @property
    def shortcut_is_wrong(self) -> bool:
        """Whether output minus target is not even in proportion to dL/dz."""
        return (self.loss, self.output) in {
            *(("mse", output) for output in OUTPUTS if output != "identity"),
            ("ce", "sigmoid"),
        }

    @part(points=1)
    def simplified(self) -> Formula:
        return Formula(self.simplified_gradient.T.written(self.names), self.names)

    def _row(self, column: Term) -> Written:
        return column.T.written(self.names)

    @property
    def _difference(self) -> Term:
        return self.letter("yhat") - self.letter("y")

    @simplified.mistake("This is a column: in numerator layout a loss has a row of derivatives.")
    def column_for_row(self) -> Written:
        return self.simplified_gradient.written(self.names)

    @simplified.mistake(SIGN)
    def sign_in_letters(self) -> Written:
        return self._row(-self.simplified_gradient)

    @simplified.mistake(MEAN)
    def mean_lost_in_letters(self) -> Written | None:
        return self._row(self._difference) if self.loss == "bce" else None

    @simplified.mistake("The slope of the output has cancelled; it does not come in once more.")
    def slope_not_cancelled(self) -> Written | None:
        yhat = self.letter("yhat")
        if (self.loss, self.output) not in {("bce", "sigmoid"), ("ce", "softmax")}:
            return None
        return self._row(self.simplified_gradient * yhat * (number(1) - yhat))

    @simplified.mistake(SHORTCUT)
    def matching_pair_in_letters(self) -> Written | None:
        return self._row(self._difference) if self.shortcut_is_wrong else None

    @simplified.mistake(
        "The outputs depend on their inputs through the activation, whose slope is missing."
    )
    def slope_missing(self) -> Written | None:
        if self.output == "identity":
            return None
        return self._row(self.network.gradient(self.letters["yhat"]))

    @simplified.mistake("Look at the factor: a square gives 2, and a factor of the loss stays.")
    def factor_2_in_letters(self) -> Written | None:
        if self.loss != "mse":
            return None
        scale = Fraction(1, 2) if self.factor == 1 else Fraction(2)
        return self._row(number(scale) * self.simplified_gradient)

    # The proof

    def verify(self) -> None:
        """Complex-step derivatives of loss and outputs: at these numbers, and at random ones."""
        z, yhat, y = self.inputs, self.yhat.astype(float), self.y.astype(float)
        outputs = partial(_outputs_at, self.output)
        loss = partial(_loss_at, self.loss, float(self.factor), y=y)
        truths = self.truths()
        if not np.allclose(outputs(z), yhat, atol=1e-12):
            raise Disagreement("z does not have these outputs")
        agree("dl_dyhat", truths["dl_dyhat"], complex_steps(loss, yhat), within=1e-9)
        agree("dyhat_dz", truths["dyhat_dz"], complex_jacobian(outputs, z), within=1e-9)
        through = complex_steps(lambda at: loss(outputs(at)), z)
        agree("dl_dz", truths["dl_dz"], through, within=1e-9)
        values, row = _numerically(self.loss, self.output, self.factor)
        truth = truths["simplified"]
        assert isinstance(truth, Formula)
        known = {self.letters[role]: value for role, value in values.items()}
        found = formula_at(truth, {name: known[name] for name in truth.names})
        if not close(found, row):
            raise Disagreement(f"simplified: {truth.value} is not the derivative")

    @property
    def inputs(self) -> Vector:
        """z in floating point, (K,)."""
        yhat = self.yhat.astype(float)
        if self.output == "identity":
            return yhat
        logarithms: Vector = np.log(self.ratios.astype(float))
        return logarithms / 2 if self.output == "tanh" else logarithms

    @property
    def ratios(self) -> Vector:
        """Whose logarithms the inputs are (for tanh half of them), (K,). Whole for a softmax."""
        match self.output:
            case "sigmoid":
                return exact(self.yhat / (1 - self.yhat))
            case "tanh":
                return exact((1 + self.yhat) / (1 - self.yhat))
        return exact(self.yhat * np.lcm.reduce([int(p.denominator) for p in self.yhat]))

    @cached_property
    def tex(self) -> dict[str, Tex]:
        """The letters of this sheet as LaTeX, by those of the course."""
        return {role: Tex(named(letter).latex) for role, letter in self.letters.items()}


@lru_cache(maxsize=128)
def _network(letters: tuple[tuple[str, str], ...], output: str, loss: Operation) -> Network:
    """A network in letters, made once for all sheets that use these; there are not many."""
    of = dict(letters)
    outputs: Operation = Softmax(of["z"]) if output == "softmax" else Apply(output, of["z"])
    return Network.of({of["z"]: ("K",), of["y"]: ("K",)}, {of["yhat"]: outputs, of["L"]: loss})


def _pairs(loss: str, output: str) -> list[tuple[str, str]]:
    return [
        (each, activation)
        for each, activations in PAIRS.items()
        for activation in activations
        if loss in (each, "any") and output in (activation, "any")
    ]


def _check_options(
    pairs: list[tuple[str, str]],
    loss: str,
    output: str,
    outputs: int,
    half: bool,
    given: str,
    letters: str,
) -> None:
    if not 2 <= outputs <= 4:
        raise ValueError(f"outputs is 2 to 4, not {outputs}")
    for option, value, allowed in (
        ("loss", loss, (*PAIRS, "any")),
        ("output", output, (*OUTPUTS, "any")),
        ("given", given, ("yhat", "z")),
        ("letters", letters, ("course", "any")),
    ):
        if value not in allowed:
            raise ValueError(f"{option} is one of {', '.join(allowed)}, not {value}")
    if not pairs:
        raise ValueError(f"output: {loss} takes {' or '.join(PAIRS[loss])}, not {output}")
    if half and loss in ("bce", "ce"):
        raise ValueError('half is for loss = "mse"')


def _outputs(rng: Rng, activation: str, count: int) -> Vector:
    """Different outputs, (count,)."""
    match activation:
        case "sigmoid":
            return exact(rng.sample(VALUES["sigmoid"], count))
        case "tanh":
            sizes = exact(rng.sample(VALUES["tanh"], count))
            return exact([rng.sign() * size for size in sizes])
        case "identity":
            return exact([Fraction(n, 2) for n in rng.sample(_HALVES, count)])
    shares = rng.shuffled(rng.choice(_SHARES[count]))
    return exact([Fraction(share, sum(shares)) for share in shares])


_HALVES = [n for n in range(-7, 10) if n != 0]
# Different whole numbers whose shares of their sum have few decimals.
_SHARES: dict[int, list[tuple[int, ...]]] = {
    2: [(1, 3), (1, 4), (2, 3), (1, 9), (3, 7), (3, 5)],
    3: [(1, 2, 7), (1, 3, 6), (1, 4, 5), (2, 3, 5), (1, 3, 4), (1, 5, 14), (3, 8, 9)],
    4: [(1, 2, 3, 4), (1, 2, 8, 9), (1, 4, 5, 10), (2, 3, 7, 8), (1, 3, 6, 10), (2, 4, 5, 9)],
}


def _targets(rng: Rng, activation: str, loss: str, yhat: Vector) -> Vector:
    """Targets for the outputs, (K,): one-hot, 0 and 1, -1 and 1, or halves away from them."""
    count = len(yhat)
    if activation == "softmax" or loss == "ce":
        return exact(rng.shuffled([1] + [0] * (count - 1)))
    if activation == "identity":
        gaps = rng.sample([n for n in range(-6, 7) if n not in (-2, 0, 2)], count)
        return exact([value - Fraction(gap, 2) for value, gap in zip(yhat, gaps, strict=True)])
    ones = rng.integer(1, count - 1)
    low = -1 if activation == "tanh" else 0
    return exact(rng.shuffled([1] * ones + [low] * (count - ones)))


def _outputs_at(activation: str, z: Any) -> Any:
    return softmax(z) if activation == "softmax" else activate(activation, z)


def _loss_at(loss: str, factor: float, yhat: Any, y: Any) -> Any:
    match loss:
        case "mse":
            return factor * ((yhat - y) ** 2).sum(axis=-1)
        case "bce":
            return -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)).mean(axis=-1)
    return -(y * np.log(yhat)).sum(axis=-1)


@lru_cache(maxsize=16)
def _numerically(loss: str, output: str, factor: Fraction) -> tuple[dict[str, Any], Matrix]:
    """Random z, yhat and y by role, and the row dL/dz, (1, K)."""
    rng = np.random.default_rng(24)
    z = rng.normal(size=5)
    y = np.eye(5)[3] if output == "softmax" or loss == "ce" else rng.uniform(0.1, 0.9, size=5)
    row = complex_steps(lambda at: _loss_at(loss, float(factor), _outputs_at(output, at), y), z)
    return {"z": z, "yhat": _outputs_at(output, z), "y": y}, row.reshape(1, -1)
