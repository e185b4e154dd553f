"""Points: reproducible, in their domains, of distinct sizes, and in every region."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from generator.notation.formulas.evaluating import arguments_of_kinks, evaluate
from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Tree
from grader.comparing import draws
from grader.comparing import points as points_of
from grader.comparing.points import base_points, sizes_of
from grader.comparing.regions import covered, on_a_kink

NAMES: dict[str, Any] = {
    "x": "real",
    "eta": "positive",
    "u": "unit",
    "n": "natural",
    "i": "integer",
    "q": "nonzero",
    "W": {"shape": ["h", "d"]},
    "z": {"shape": ["h"]},
    "h1": {"shape": ["h"], "given": "relu(z)"},
    "g": {"shape": ["h"], "given": "h1 ∘ (1 - h1)"},
    "y": {"shape": ["k"], "domain": "onehot"},
    "p": {"shape": ["k"], "domain": "probabilities"},
    "P": {"shape": ["d", "k"], "domain": "probabilities"},
    "s": {"shape": [2]},
}
SCOPE = Scope.of(NAMES)


def kinks_of(formula: str, scope: Scope) -> list[Tree]:
    return arguments_of_kinks(typed(read(formula, scope), scope).tree)


def test_the_identity_alone_fixes_the_points() -> None:
    first, again = (base_points(SCOPE, "part 1") for _ in range(2))
    other = base_points(SCOPE, "part 2")
    assert all(np.array_equal(first.values[n], again.values[n]) for n in NAMES)
    assert not np.array_equal(first.values["x"], other.values["x"])


def test_a_golden_draw() -> None:
    values = base_points(Scope.of({"x": None}), "golden").values["x"][:, 0, 0]
    assert values[:8].tolist() == [1, 2, 3, 4, 5, -1, 2, -3]
    assert values[24:28].tolist() == [1.625, 2.65625, 2.328125, 4.25]


NUMBERED = {
    "n": None,
    "x": "nonzero",
    "y": {"shape": ["n"], "domain": "onehot"},
    "Y": {"shape": [2, "k"], "domain": "onehot"},
    "h": {"shape": ["n"], "length": "T", "domain": "positive"},
    "W": {"shape": ["n", "k"]},
    "z": {"shape": [3], "domain": "onehot", "length": 2},
}


@pytest.mark.parametrize("kinds", [points_of.DRAWS, [draws.FAR, draws.FAR_SIGNED] * 3])
@pytest.mark.parametrize("seed", [b"", b"one", b"two"])
def test_drawn_at_once_or_one_by_one(kinds: list[draws.Draw], seed: bytes) -> None:
    """The words of the stream go to the same entries."""
    scope = Scope.of(NUMBERED)
    layout = draws.layout(tuple(scope.names.values()), tuple(sizes_of(scope).items()))
    twice = [kind for kind in kinds for _ in range(2)]
    one, other = layout.at_once(twice, seed), layout.one_by_one(twice, seed)
    assert layout.steady
    assert one is not None
    assert list(one) == list(other) == list(NUMBERED)
    assert all(np.array_equal(one[name], other[name]) for name in NUMBERED)


@pytest.mark.parametrize("domain", ["unit", "natural", "integer", "probabilities"])
def test_numbers_that_are_drawn_again_are_drawn_one_by_one(domain: str) -> None:
    scope = Scope.of({"x": domain, "y": None})
    layout = draws.layout(tuple(scope.names.values()), ())
    assert not layout.steady


@pytest.mark.parametrize("other", [False, True])
def test_values_lie_in_their_domains(other: bool) -> None:
    v = base_points(SCOPE, "domains", other).values
    assert (v["eta"] > 0).all()
    assert ((v["u"] > 0) & (v["u"] < 1)).all()
    assert ((v["n"] >= 1) & (v["n"] == np.rint(v["n"]))).all()
    assert (v["i"] == np.rint(v["i"])).all()
    assert (v["q"] != 0).all()
    assert (np.sort(v["y"], axis=1)[:, -1] == 1).all()
    assert (v["y"].sum(axis=1) == 1).all()
    assert (v["p"] > 0).all()
    assert (v["p"].sum(axis=1) == 1).all()  # exactly: they are binary fractions
    assert (v["P"].sum(axis=2) == 1).all()


def test_both_signs_and_all_magnitudes_occur() -> None:
    x = base_points(SCOPE, "sizes").values["x"].ravel()
    for sign in (1, -1):
        same = sign * x[sign * x > 0]
        assert (same < 0.01).any()
        assert ((same > 0.1) & (same < 1)).any()
        assert ((same > 1) & (same < 9)).any()
        assert (same > 10).any()


def test_all_names_are_positive_at_some_points() -> None:
    scope = Scope.of(dict.fromkeys("abcdef"))
    values = np.stack([v.ravel() for v in base_points(scope, "signs").values.values()])
    assert ((values > 0).all(axis=0)).sum() >= 8
    assert ((values < 0).all(axis=0)).any()


def test_simple_points_come_first_and_differ_between_names() -> None:
    scope = Scope.of(dict.fromkeys("abcdef"))
    first = [v[0, 0, 0] for v in base_points(scope, "simple").values.values()]
    assert len(set(first)) == 6
    assert all(0 < v < 10 and v == int(v) for v in first)


def test_given_formulas_hold_in_any_order() -> None:
    for names in (NAMES, dict(reversed(NAMES.items()))):
        v = base_points(Scope.of(names), "given").values
        assert np.array_equal(v["h1"], np.maximum(v["z"], 0))
        assert np.array_equal(v["g"], v["h1"] * (1 - v["h1"]))


def test_sizes_are_pairwise_distinct() -> None:
    sizes = sizes_of(SCOPE)
    assert sizes.keys() == {"h", "d", "k"}
    assert len({2, *sizes.values()}) == 4
    assert sizes_of(SCOPE) != sizes_of(SCOPE, other=True)


@pytest.mark.parametrize(
    "formula",
    [
        "max(0, x - 4.5)",
        "max(0, x - 50000)",
        "max(0, x + 70000)",
        "relu(x^2 - 3000)",
        "|1/x - 400|",
        "min(x, 1000)",
        "leaky_relu(x - a - 100)",
        "(x > 77)",
    ],
)
def test_both_sides_of_each_kink_are_visited_far_and_near(formula: str) -> None:
    scope = Scope.of({"x": None, "a": None})
    kinks = kinks_of(formula, scope)
    assert kinks
    points = covered(base_points(scope, formula), kinks, scope)
    for kink in kinks:
        values = evaluate(kink, points.values, points.sizes).ravel()
        assert (values > 0).any()
        assert (values < 0).any()
        size = np.abs(values).max()
        assert (np.abs(values[values > 0]) < 1e-2 * size).any()
        assert (np.abs(values[values < 0]) < 1e-2 * size).any()


def test_every_pattern_of_signs_is_visited() -> None:
    scope = Scope.of(dict.fromkeys("abc"))
    kinks = kinks_of("relu(a - 70) + relu(b - 90) + relu(c + 300)", scope)
    points = covered(base_points(scope, "patterns"), kinks, scope)
    signs = np.stack([np.sign(evaluate(k, points.values, points.sizes)).ravel() for k in kinks])
    for pattern in itertools.product((1, -1), repeat=2):
        assert np.all(np.array(pattern) == signs[:2].T, axis=1).any()
    for i in range(3):
        assert {-1, 1} <= set(signs[i])


def test_a_search_that_finds_nothing_ends() -> None:
    scope = Scope.of({"x": None})
    kinks = kinks_of("relu(x^2 + 1)", scope)
    base = base_points(scope, "nothing")
    assert covered(base, kinks, scope).count == base.count


def test_points_on_a_kink_are_known() -> None:
    scope = Scope.of(
        {"x": None, "n": "natural", "z": {"shape": [2]}, "h": {"shape": [2], "given": "relu(z)"}}
    )
    points = base_points(scope, "on")
    x = points.values["x"].ravel()
    on = on_a_kink(points, kinks_of("relu(x - 2)", scope), scope)
    assert on.any()
    assert (x[on] == 2).all()
    assert not on_a_kink(points, kinks_of("(n > 3)", scope), scope).any()
    assert not on_a_kink(points, kinks_of("(h > 0)", scope), scope).any()
