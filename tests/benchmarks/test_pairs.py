"""The pairs of the benchmark: well formed, rightly labelled, and judged right by the grader.

Labels are proven by a route that shares nothing with the grader or with sympy: the `python` of both
sides is evaluated with numpy at random points.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.judges import ACCEPTED, REJECTED, gradsheet
from benchmarks.pairs import GROUPS, PAIRS, WARM_UP

POINTS = 120
SAME = 1e-13  # relative, at most points; cancellation may lose more at a few
NEAR = 1e-6


def pairs():
    return [
        pytest.param(pair, id=f"{number}-{pair.group}")
        for number, pair in enumerate((*PAIRS, *WARM_UP), 1)
    ]


def same_shape(function):
    def applied(first, second):
        if np.shape(first) != np.shape(second):
            raise ValueError("shapes differ")
        return function(first, second)

    return applied


def softmax(x):
    powers = np.exp(x - x.max())
    return powers / powers.sum()


def dot(first, second):
    return (first.T @ second).item()


FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "Abs": np.abs,
    "Max": lambda *given: max(given),
    "Min": lambda *given: min(given),
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "step": lambda x: np.where(x > 0, 1.0, 0.0),
    "sigma": lambda x: 0.5 + 0.5 * np.tanh(0.5 * x),
    "softmax": softmax,
    "sum": np.sum,
    "had": same_shape(np.multiply),
    "one": np.ones_like,
    "diag": lambda column: np.diag(column.ravel()),
    "inv": np.linalg.inv,
    "trace": np.trace,
    "dot": dot,
    "norm2": lambda column: dot(column, column),
}


def drawn(pair, rng):
    """One point: every name in small, middling and larger sizes, of both signs where it may."""
    point = {}
    for name in pair.names:
        value = np.float64(rng.choice([0.3, 1.5, 5.0])) * rng.normal(size=pair.shape(name))
        point[name] = abs(value) if pair.positive(name) else value
    return point


def value(text, point):
    """nan where it has no value, None where shapes do not fit."""
    try:
        found = eval(text, {"__builtins__": {}}, {**FUNCTIONS, **point})
    except ValueError:
        return None
    return np.asarray(found, dtype=float)


def are_equal(pair):
    """Equal wherever both have a value, by floats: to `SAME` of the truth's usual size at most
    points, and to `NEAR` at those where digits cancel."""
    rng = np.random.default_rng(20)
    points = [drawn(pair, rng) for _ in range(POINTS)]
    truths, answers = ([value(text, point) for point in points] for text in pair.python)
    if any(
        np.shape(answer) != np.shape(truth) for answer, truth in zip(answers, truths, strict=True)
    ):
        return False
    truth, answer = (np.array(each).reshape(POINTS, -1) for each in (truths, answers))
    real = np.isfinite(truth).all(axis=1)
    assert real.sum() > POINTS / 20
    both = real & np.isfinite(answer).all(axis=1)
    if not both.any():
        return False
    size = np.abs(truth[both]).max(axis=1)
    size = np.maximum(size, np.median(size[size > 0]))
    apart = np.abs(truth - answer)[both].max(axis=1) / size
    return bool(np.median(apart) < SAME and apart.max() < NEAR)


@pytest.mark.parametrize("pair", pairs())
def test_labels_hold_by_numpy(pair):
    with np.errstate(all="ignore"):
        assert are_equal(pair) == pair.equal


@pytest.mark.parametrize("pair", pairs())
def test_the_grader_is_right(pair):
    assert gradsheet(pair)() == (ACCEPTED if pair.equal else REJECTED)


def test_there_are_enough_of_each():
    groups = Counter(pair.group for pair in PAIRS)
    right = Counter(pair.group for pair in PAIRS if pair.equal)
    assert tuple(groups) == GROUPS
    assert groups["formula"] >= 160
    assert groups["array"] >= 60
    assert groups["matrix"] >= 120
    assert all(0.4 < right[group] / groups[group] < 0.6 for group in GROUPS)


def test_no_pair_is_there_twice():
    """Nor a warm-up whose truth is measured."""
    asked = [(pair.group, pair.truth, pair.answer) for pair in PAIRS]
    assert len(set(asked)) == len(asked)
    assert not {pair.truth for pair in WARM_UP} & {pair.truth for pair in PAIRS}


def test_answers_are_spelled_in_many_ways():
    typed = " ".join(pair.answer for pair in PAIRS)
    for mark in (
        "^T",
        ".T",
        "'",
        "ᵀ",
        r"\top",
        "∘",
        ".*",
        r"\odot",
        "⊙",
        "@",
        r"\frac",
        "np.array",
    ):
        assert mark in typed, mark
