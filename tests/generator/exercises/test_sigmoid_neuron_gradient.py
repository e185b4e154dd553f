"""One neuron against the exam of 2023/09/06, central differences and what students type."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.descent import PROGRAMS, SEQUENTIAL, SIMULTANEOUS, UPHILL, run
from generator.exercises.neuron.sigmoid_neuron_gradient import SigmoidNeuronGradient
from generator.exercises.neuron_in_letters import LETTERS
from generator.model.errors import Disagreement
from generator.model.values import exact
from generator.notation.formulas.alike import alike
from generator.sampling import Rng, seed

# The exam has letters only; these numbers are ours.
EXAM = SigmoidNeuronGradient(
    letters={role: role for role in LETTERS},
    activation="sigmoid",
    factor=Fraction(1, 2),
    w=exact([1]),
    x=exact([2]),
    ratio=Fraction(1),
    offset=Fraction(-1, 2),
    z=Fraction(0),
    rate=Fraction(1, 2),
    output_shown=False,
    step="numbers",
    programs=("w_then_b", "w_first", "b_then_w", "uphill"),
)
IN_LETTERS = replace(EXAM, step="letters")
RATIONAL = replace(EXAM, rate=Fraction(2), ratio=Fraction(4), offset=Fraction(-2), z=Fraction(1))

OPTIONS: list[dict[str, Any]] = [
    {"activation": activation, "loss": loss, "inputs": inputs, "numbers": numbers, "step": step}
    for activation in ("sigmoid", "tanh")
    for loss in ("half", "full")
    for inputs in (1, 2, 3)
    for numbers in ("exact", "decimal")
    for step in ("numbers", "letters")
]


def drawn(number: int, **options: Any) -> SigmoidNeuronGradient:
    exercise = certify(SigmoidNeuronGradient, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, SigmoidNeuronGradient)
    return exercise


def values(exercise: SigmoidNeuronGradient) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: SigmoidNeuronGradient, part: str, name: str) -> Any:
    truths = exercise.truths()
    known = {name: truth.value for name, truth in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], known)
    return None if wrong is None else wrong.value


def test_the_exam_in_letters() -> None:
    examine(IN_LETTERS, IN_LETTERS.truths())
    found = values(IN_LETTERS)
    assert found["grad_symbolic"] == {"dw": "(y - z) y (1 - y) x", "db": "(y - z) y (1 - y)"}
    assert found["gd_letters"] == {
        "w": "w - eta (y - z) y (1 - y) x",
        "b": "b - eta (y - z) y (1 - y)",
    }


def test_the_exam_in_numbers() -> None:
    examine(EXAM, EXAM.truths())
    found = values(EXAM)
    y = 1 / (1 + math.exp(-1.5))
    assert found["grad_numeric"] == pytest.approx([2 * y * y * (1 - y), y * y * (1 - y)])
    assert found["gd_step"] == pytest.approx([0.8781, -0.5610], abs=5e-5)
    assert found["sequential_or_simultaneous"] == {"w_first"}


def test_rational_numbers() -> None:
    examine(RATIONAL, RATIONAL.truths())
    found = values(RATIONAL)  # y = 4/5, (y - 1) y (1 - y) = -4/125
    assert list(found["grad_numeric"]) == [Fraction(-8, 125), Fraction(-4, 125)]
    assert found["gd_step"] == pytest.approx([1.128, math.log(4) - 2 + 0.064])


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("gd_step", "sequential", [0.878062, -0.567140]),
        ("gd_step", "sequential_bias_first", [0.874755, -0.560969]),
        ("gd_step", "ascent", [1.121938, -0.439031]),
        ("gd_step", "no_rate", [0.756123, -0.621938]),
        ("gd_step", "change_only", [-0.121938, -0.060969]),
        ("grad_numeric", "no_slope_in_numbers", [1.635149, 0.817574]),
        ("grad_numeric", "no_error_in_numbers", [0.298293, 0.149146]),
        ("grad_numeric", "factor_2_in_numbers", [0.487753, 0.243877]),
        ("grad_numeric", "half_kept_in_numbers", [0.121938, 0.060969]),
        ("grad_numeric", "sign_in_numbers", [-0.243877, -0.121938]),
        ("grad_numeric", "x_on_b_in_numbers", [0.243877, 0.243877]),
        ("grad_numeric", "x_missing_in_numbers", [0.121938, 0.121938]),
        ("grad_numeric", "sigma_prime_of_y_in_numbers", [0.347424, 0.173712]),
        ("grad_numeric", "other_slope_in_numbers", [0.542170, 0.271085]),
    ],
)
def test_mistakes_in_numbers(part: str, name: str, value: list[float]) -> None:
    assert mistake(EXAM, part, name).astype(float) == pytest.approx(value, abs=2e-6)


@pytest.mark.parametrize(
    ("part", "name", "first", "second"),
    [
        ("grad_symbolic", "no_sigma_prime", "(y - z) x", "y - z"),
        ("grad_symbolic", "no_error_factor", "y (1 - y) x", "y (1 - y)"),
        ("grad_symbolic", "factor_2", "2 (y - z) y (1 - y) x", "2 (y - z) y (1 - y)"),
        ("grad_symbolic", "half_kept", "1/2 (y - z) y (1 - y) x", "1/2 (y - z) y (1 - y)"),
        ("grad_symbolic", "sign", "(z - y) y (1 - y) x", "(z - y) y (1 - y)"),
        ("grad_symbolic", "x_on_b", "(y - z) y (1 - y) x", "(y - z) y (1 - y) x"),
        ("grad_symbolic", "x_missing", "(y - z) y (1 - y)", "(y - z) y (1 - y)"),
        ("grad_symbolic", "sigma_prime_of_y", "(y - z) sigma'(y) x", "(y - z) sigma'(y)"),
        ("grad_symbolic", "other_slope", "(y - z) (1 - y^2) x", "(y - z) (1 - y^2)"),
        ("gd_letters", "ascent_in_letters", "w + eta (y-z) y (1-y) x", "b + eta (y-z) y (1-y)"),
        ("gd_letters", "no_rate_in_letters", "w - (y-z) y (1-y) x", "b - (y-z) y (1-y)"),
        ("gd_letters", "change_only_in_letters", "-eta (y-z) y (1-y) x", "-eta (y-z) y (1-y)"),
    ],
)
def test_mistakes_in_letters(part: str, name: str, first: str, second: str) -> None:
    wrong = mistake(IN_LETTERS, part, name)
    truth = IN_LETTERS.truths()[part]
    members = truth.members  # type: ignore[attr-defined]
    for (member, formula), expected in zip(wrong.items(), (first, second), strict=True):
        assert alike(formula, expected, members[member].names)
    assert not all(alike(wrong[m], members[m].value, members[m].names) for m in members)


def test_mistakes_that_an_instance_gives_no_occasion_for() -> None:
    several = drawn(1, inputs=2, loss="full")
    for name in ("factor_2", "x_on_b", "x_missing"):
        assert mistake(several, "grad_symbolic", name) is None


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
def test_gradients_and_steps_by_central_differences(options: dict[str, Any]) -> None:
    for number in range(5):
        exercise = drawn(number, **options)
        x, z = [float(each) for each in exercise.x], float(exercise.z)
        scale = 1 if options["activation"] == "sigmoid" else 0.5
        start = [*map(float, exercise.w)]
        start.append(float(exercise.offset) + scale * math.log(exercise.ratio))
        factor = {"half": 0.5, "full": 1.0}[options["loss"]]

        def cost(parameters: list[float]) -> float:
            v = parameters[-1] + sum(a * b for a, b in zip(parameters, x, strict=False))  # noqa: B023
            s = 1 / (1 + math.exp(-v)) if scale == 1 else math.tanh(v)  # noqa: B023
            return factor * (s - z) ** 2  # noqa: B023

        gradient = []
        for place in range(len(start)):
            up, down = list(start), list(start)
            up[place], down[place] = start[place] + 1e-5, start[place] - 1e-5
            gradient.append((cost(up) - cost(down)) / 2e-5)
        found = values(exercise)
        assert found["grad_numeric"].astype(float) == pytest.approx(gradient, abs=1e-7)
        if "gd_step" in found:
            step = [a - float(exercise.rate) * g for a, g in zip(start, gradient, strict=True)]
            assert found["gd_step"].astype(float) == pytest.approx(step, abs=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
def test_no_slip_in_letters_is_right(options: dict[str, Any]) -> None:
    exercise = drawn(3, **options)
    for part in ("grad_symbolic", "gd_letters"):
        truth: Any = exercise.truths().get(part)
        for name in exercise.parts[part].mistakes if truth else ():
            wrong = mistake(exercise, part, name)
            members = truth.members.items()
            assert wrong is None or not all(
                alike(wrong[member], each.value, each.names) for member, each in members
            ), name


def test_programs_step_from_one_point_or_not() -> None:
    def gradient(at: Any) -> Any:  # of w b + b^2 / 2
        return np.array([at[1], at[0] + at[1]])

    start = np.array([1.0, 2.0])
    found = {name: list(run(name, start, 0.5, gradient)) for name in PROGRAMS}
    assert {tuple(found[name]) for name in SIMULTANEOUS} == {(0.0, 0.5)}
    assert found["w_then_b"] == [0.0, 1.0]
    assert found["b_then_w"] == [0.75, 0.5]
    assert found["uphill"] == [2.0, 3.5]
    assert found["half_uphill"] == [0.0, 3.5]
    assert {*SIMULTANEOUS, *SEQUENTIAL, *UPHILL} == set(PROGRAMS)


TYPED = [
    ("grad_symbolic", {"dw": "(y-z)y(1-y)x", "db": "(y-z)y(1-y)"}, "CORRECT"),
    ("grad_symbolic", {"dw": r"(y-z)\cdot y(1-y)x", "db": r"(y-z)\,y(1-y)"}, "CORRECT"),
    (
        "grad_symbolic",
        {"dw": "(σ(wx+b) - z) σ'(wx+b) x", "db": r"(\sigma(v)-z)\,\sigma(v)(1-\sigma(v))"},
        "CORRECT",
    ),
    ("grad_symbolic", {"dw": "dJ/dw = x (y-z) (y - y^2)", "db": "(y-z) y (1-y)"}, "CORRECT"),
    ("grad_symbolic", {"dw": "(y-z) sigma'(y) x", "db": "(y-z) sigma'(y)"}, "sigma_prime_of_y"),
    ("grad_symbolic", {"dw": "(y-z) x", "db": "y - z"}, "no_sigma_prime"),
    (
        "gd_letters",
        {"w": r"w - \eta (y-z) y (1-y) x", "b": r"b - \eta (y - z) y (1 - y)"},
        "CORRECT",
    ),
    ("gd_letters", {"w": "w - η(y-z)y(1-y)x", "b": "b - η(σ(v)-z)y(1-y)"}, "CORRECT"),
    ("gd_letters", {"w": "w + η(y-z)y(1-y)x", "b": "b + η(y-z)y(1-y)"}, "ascent_in_letters"),
    ("sequential_or_simultaneous", "b", "CORRECT"),
    ("sequential_or_simultaneous", "A", "recomputed"),
]


@pytest.mark.parametrize(("part", "given", "expected"), TYPED)
def test_the_published_solution_as_students_type_it(
    part: str, given: Any, expected: str, marked: Any
) -> None:
    verdict = marked(IN_LETTERS, {part: given})[part]
    assert expected in (verdict.outcome, verdict.mistake)


@pytest.mark.parametrize(
    ("part", "given", "expected"),
    [
        ("grad_numeric", "(-8/125, -4/125)", "CORRECT"),
        ("grad_numeric", r"\left(-\frac{8}{125}, -0.032\right)", "CORRECT"),
        ("grad_numeric", "(8/125, 4/125)", "sign_in_numbers"),
        ("gd_step", "(1.128, ln 4 - 1.936)", "CORRECT"),
        ("gd_step", "(1.128, -0.5497)", "CORRECT"),
    ],
)
def test_numbers_as_students_type_them(part: str, given: str, expected: str, marked: Any) -> None:
    verdict = marked(RATIONAL, {part: given})[part]
    assert expected in (verdict.outcome, verdict.mistake)


def test_a_step_from_a_wrong_gradient_is_paid(marked: Any) -> None:
    verdicts = marked(RATIONAL, {"grad_numeric": "(8/125, 4/125)", "gd_step": "(0.872, -0.6777)"})
    assert verdicts["gd_step"].outcome == "FOLLOWED"


def test_verify_notices_a_program_that_is_filed_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "w_first", PROGRAMS["w_then_b"])
    with pytest.raises(Disagreement, match="sequential_or_simultaneous"):
        EXAM.verify()


@pytest.mark.parametrize(
    "option",
    [
        {"activation": "relu"},
        {"loss": "third"},
        {"inputs": 0},
        {"inputs": 4},
        {"numbers": "roman"},
        {"step": "both"},
        {"letters": "greek"},
    ],
)
def test_options_out_of_range(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        SigmoidNeuronGradient.sample(Rng(b"tests"), **option)
