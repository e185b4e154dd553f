"""Values of formulas: against numpy by hand, against high precision, and at the edges."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.model.errors import NotationError
from generator.notation.formulas.evaluating import arguments_of_kinks, evaluate
from generator.notation.formulas.parsing import read
from generator.notation.formulas.precise import evaluate_precisely
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import (
    Call,
    Difference,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Sum,
    Tree,
)

NAMES: dict[str, Any] = {
    "a": "real",
    "b": "real",
    "p": "positive",
    "x": {"shape": ["d"]},
    "z": {"shape": ["h"]},
    "g": {"shape": ["h"]},
    "W": {"shape": ["h", "d"]},
    "G": {"shape": ["h", "d"]},
    "A": {"shape": ["h", "h"]},
    "s": {"shape": ["h"], "length": "T"},
    "s_0": {"shape": ["h"]},
}
SCOPE = Scope.of(NAMES)
SIZES = {"d": 4, "h": 3, "T": 5}
POINTS = 6


def drawn() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(20)
    shapes: dict[str, tuple[int, ...]] = {
        "x": (4, 1),
        "z": (3, 1),
        "g": (3, 1),
        "W": (3, 4),
        "G": (3, 4),
        "A": (3, 3),
    }
    shapes |= {"s": (5, 3, 1), "s_0": (3, 1)}
    values = {n: rng.normal(size=(POINTS, *shapes.get(n, (1, 1)))) for n in NAMES}
    return values | {"p": abs(values["p"])}


VALUES = drawn()


def valued(formula: str, values: dict[str, np.ndarray] = VALUES) -> np.ndarray:
    return evaluate(typed(read(formula, SCOPE), SCOPE).tree, values, SIZES)


def at_zero(formula: str, **numbers: float) -> float:
    """The value of a formula of scalars at one point."""
    scope = Scope.of(dict.fromkeys(numbers, "real"))
    values = {name: np.full((1, 1, 1), number) for name, number in numbers.items()}
    result = evaluate(typed(read(formula, scope), scope).tree, values, {})
    assert result.shape == (1, 1, 1)
    return float(result[0, 0, 0])


# Each oracle is numpy for one point: a, b, p are numbers, the others two-dimensional arrays.
ORACLES: list[tuple[str, Callable[..., Any]]] = [
    ("2a^2 - b/p", lambda a, b, p, **_: 2 * a**2 - b / p),
    ("-a^2", lambda a, **_: -(a**2)),
    ("p^a", lambda a, p, **_: p**a),
    ("log(p, 3)", lambda p, **_: np.log(p) / np.log(3)),
    ("|a - b| + abs(a)", lambda a, b, **_: max(a - b, b - a) + abs(a)),
    ("max(a, b, 0) - min(a, b)", lambda a, b, **_: max(a, b, 0) - min(a, b)),
    ("where(z > 0, g, 2)", lambda z, g, **_: np.where(z > 0, g, 2)),
    ("where(a > b, ln(a - b), 7)", lambda a, b, **_: np.log(a - b) if a > b else 7.0),
    ("where(a > 0, z, g)", lambda a, z, g, **_: z if a > 0 else g),
    ("(-1 < z < 1)", lambda z, **_: abs(z) < 1),
    ("||z||_1 + ||g||_2", lambda z, g, **_: abs(z).sum() + np.sqrt((g * g).sum())),
    ("sum_i sum_j z_i A_ij g_j", lambda z, A, g, **_: (z.T @ A @ g).item()),
    ("sum_i W_{i,1}", lambda W, **_: W[:, 0].sum()),
    ("A.dot(g) - A.matmul(z)", lambda A, g, z, **_: A @ g - A @ z),
    ("np.power(A, 3)", lambda A, **_: A**3),
    ("(A⁻¹)ᵀ g + A⁻ᵀ z", lambda A, g, z, **_: np.linalg.inv(A).T @ (g + z)),
    ("W x", lambda W, x, **_: W @ x),
    ("W * x", lambda W, x, **_: W @ x),
    ("z * g", lambda z, g, **_: z * g),
    ("W * G", lambda W, G, **_: W * G),
    ("A * A", lambda A, **_: A @ A),
    ("A ∘ A", lambda A, **_: A * A),
    ("z^T g", lambda z, g, **_: (z[:, 0] * g[:, 0]).sum()),
    ("g x^T", lambda g, x, **_: np.outer(g, x)),
    ("z^T g z", lambda z, g, **_: (z.T @ g).item() * z),
    ("(g ∘ (z > 0)) x^T", lambda g, z, x, **_: np.outer(np.where(z > 0, g, 0), x)),
    ("1 - z", lambda z, **_: 1 - z),
    ("1/(1 + z^2)", lambda z, **_: 1 / (1 + z * z)),
    ("W^2", lambda W, **_: W * W),
    ("A^3", lambda A, **_: A @ A @ A),
    ("A^0", lambda A, **_: np.eye(3)),
    ("A^(-1) g", lambda A, g, **_: np.linalg.solve(A, g)),
    ("A^(-2)", lambda A, **_: np.linalg.inv(A @ A)),
    ("inv(A^T)", lambda A, **_: np.linalg.inv(A).T),
    ("(A + p I) z", lambda A, p, z, **_: A @ z + p * z),
    ("I - A", lambda A, **_: np.eye(3) - A),
    ("W ones(d)", lambda W, **_: W.sum(axis=1, keepdims=True)),
    ("ones(h, d) - W", lambda W, **_: 1 - W),
    ("sum(W)", lambda W, **_: W.sum()),
    ("mean(W)", lambda W, **_: W.mean()),
    ("sum(W, 0)", lambda W, **_: W.sum(axis=0)[:, None]),
    ("mean(W, 1)", lambda W, **_: W.mean(axis=1)[:, None]),
    ("diag(z) W", lambda z, W, **_: z * W),
    ("diag(A)", lambda A, **_: np.diag(A)[:, None]),
    ("trace(A) + det(A)", lambda A, **_: A.trace() + np.linalg.det(A)),
    ("norm(W) + ||z||", lambda W, z, **_: (W**2).sum() ** 0.5 + (z**2).sum() ** 0.5),
    ("dot(z, g)", lambda z, g, **_: np.dot(z[:, 0], g[:, 0])),
    ("dot(W, x)", lambda W, x, **_: W.dot(x)),
    ("dot(W, G)", lambda W, G, **_: (W * G).sum()),
    ("outer(z, x)", lambda z, x, **_: np.outer(z, x)),
    ("hadamard(z, g)", lambda z, g, **_: z * g),
    ("max(z)", lambda z, **_: z.max()),
    ("max(0, W)", lambda W, **_: np.where(W > 0, W, 0)),
    ("relu(z) + relu'(z)", lambda z, **_: np.where(z > 0, z + 1, 0)),
    ("leaky_relu(z)", lambda z, **_: np.where(z > 0, z, z / 100)),
    ("leaky_relu(z, 0.2)", lambda z, **_: np.where(z > 0, z, z / 5)),
    ("step(z)", lambda z, **_: 1.0 * (z >= 0)),
    ("sigmoid(z)", lambda z, **_: 1 / (1 + np.exp(-z))),
    ("sigma'(z)", lambda z, **_: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    ("tanh'(z)", lambda z, **_: 1 - np.tanh(z) ** 2),
    ("softplus(z) + softplus'(z)", lambda z, **_: np.log(1 + np.exp(z)) + 1 / (1 + np.exp(-z))),
    ("softmax(z)", lambda z, **_: np.exp(z) / np.exp(z).sum()),
    ("cot(a) + sec(a) + csc(a)", lambda a, **_: (np.cos(a) + 1) / np.sin(a) + 1 / np.cos(a)),
    ("[a, b, p]", lambda a, b, p, **_: np.array([[a], [b], [p]])),
    ("[[a, b], [0, 1]]", lambda a, b, **_: np.array([[a, b], [0, 1]])),
    ("sum_{t=1}^{T} s_t", lambda s, **_: s.sum(axis=0)),
    (
        "sum_{t=1}^{T} s_t s_{t-1}^T",
        lambda s, s_0, **_: s[0] @ s_0.T + s[1:, :, 0].T @ s[:-1, :, 0],
    ),
    ("sum_{i=1}^{3} sum_{j=1}^{i} a^j", lambda a, **_: 3 * a + 2 * a**2 + a**3),
    ("sum_{i=2}^{1} z", lambda z, **_: 0 * z),
    ("sum(W)/(h d)", lambda W, **_: W.mean()),
]


@pytest.mark.parametrize(("formula", "oracle"), ORACLES, ids=[f for f, _ in ORACLES])
def test_numpy_agrees(formula: str, oracle: Callable[..., Any]) -> None:
    result = valued(formula)
    for place in range(POINTS):
        here = {
            n: v[place].item() if v.shape == (POINTS, 1, 1) else v[place] for n, v in VALUES.items()
        }
        expected = np.atleast_2d(oracle(**here))
        assert result[place].shape == expected.shape
        np.testing.assert_allclose(result[place], expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("formula", [f for f, _ in ORACLES])
def test_high_precision_agrees(formula: str) -> None:
    tree = typed(read(formula, SCOPE), SCOPE).tree
    floats = evaluate(tree, VALUES, SIZES)
    for place in range(2):
        exact = evaluate_precisely(tree, {n: v[place] for n, v in VALUES.items()}, SIZES)
        assert exact is not None
        assert exact.shape == floats[place].shape
        np.testing.assert_allclose(exact.astype(float), floats[place], rtol=1e-10, atol=1e-13)


ELEMENTARY: list[tuple[str, float, float]] = [
    ("asin(x)", 0.3, math.asin(0.3)),
    ("acos(x)", 0.3, math.acos(0.3)),
    ("atan(x)", -2.0, math.atan(-2)),
    ("acot(x)", -2.0, math.atan(-0.5)),
    ("acot(x)", 0.0, math.pi / 2),
    ("asec(x)", 2.0, math.acos(0.5)),
    ("acsc(x)", -2.0, math.asin(-0.5)),
    ("asinh(x)", -2.0, math.asinh(-2)),
    ("acosh(x)", 2.0, math.acosh(2)),
    ("atanh(x)", 0.5, math.atanh(0.5)),
    ("asech(x)", 0.5, math.acosh(2)),
    ("acsch(x)", 0.5, math.asinh(2)),
    ("acoth(x)", 2.0, math.atanh(0.5)),
    ("sinh(x)", 0.5, math.sinh(0.5)),
    ("coth(x)", 0.5, 1 / math.tanh(0.5)),
    ("sech(x)", 0.5, 1 / math.cosh(0.5)),
    ("csch(x)", 0.5, 1 / math.sinh(0.5)),
    ("log2(x)", 10.0, math.log2(10)),
    ("log10(x)", 7.0, math.log10(7)),
    ("sign(x)", -3.0, -1),
    ("floor(x)", -1.5, -2),
    ("ceil(x)", -1.5, -1),
    ("x!", 5.0, 120),
    ("x!", 170.0, math.factorial(170)),
    ("x!", 2.5, math.gamma(3.5)),
    ("x!", -2.5, math.gamma(-1.5)),
    ("x!", -0.3, math.gamma(0.7)),
    ("binomial(x, 2)", 7.0, 21),
    ("binomial(x, 9)", 7.0, 0),
    ("binomial(x, 2)", 4.5, 4.5 * 3.5 / 2),
    ("binomial(x, 100)", 300.0, math.comb(300, 100)),
    ("x^3", -2.0, -8),
    ("x^(-2)", -2.0, 0.25),
    ("0^x", 3.0, 0),
    ("cbrt(x)", -8.0, -2),
    ("root(x, 3)", -8.0, -2),
    ("root(x, 4)", 16.0, 2),
    ("gcd(x, 18)", -12.0, 6),
    ("lcm(x, 18)", 12.0, 36),
    ("sigmoid(x)", -700.0, math.exp(-700)),
    ("sigmoid(x)", 800.0, 1),
    ("softplus(x)", -40.0, math.exp(-40)),
    ("softplus(x)", 800.0, 800),
    ("sigmoid'(x)", 700.0, math.exp(-700)),
    ("tanh'(x)", 300.0, 4 * math.exp(-600)),
    ("e^x", 2.0, math.exp(2)),
    ("sum_{k=0}^{x} 2^k", 10.0, 2047),
]


@pytest.mark.parametrize(("formula", "x", "expected"), ELEMENTARY)
def test_elementary_functions(formula: str, x: float, expected: float) -> None:
    assert at_zero(formula, x=x) == pytest.approx(expected, rel=1e-12)
    scope = Scope.of({"x": "real"})
    exact = evaluate_precisely(
        typed(read(formula, scope), scope).tree, {"x": np.full((1, 1), x)}, {}
    )
    assert exact is not None
    assert float(exact[0, 0]) == pytest.approx(expected, rel=1e-12)


UNDEFINED = [
    ("1/x", 0.0),
    ("x/x", 0.0),
    ("1/(1/x)", 0.0),
    ("x^0", 0.0),
    ("x^(-1)", 0.0),
    ("ln(x)", 0.0),
    ("ln(x)", -1.0),
    ("sqrt(x)", -1.0),
    ("x^(1/3)", -8.0),
    ("root(x, 4)", -16.0),
    ("root(2, x)", 0.0),
    ("log(x, 1)", 2.0),
    ("asin(x)", 2.0),
    ("acosh(x)", 0.5),
    ("atanh(x)", 1.0),
    ("csc(x)", 0.0),
    ("coth(x)", 0.0),
    ("x!", -1.0),
    ("x!", -3.0),
    ("binomial(x, 2)", -1.0),
    ("gcd(x, 2)", 0.5),
    ("relu(ln(x))", -1.0),
    ("max(ln(x), 1)", -1.0),
    ("(ln(x) > 0)", -1.0),
    ("exp(exp(exp(x)))", 9.0),
    ("sum_{k=1}^{x} k", 2.5),
    ("0 * ln(x)", -1.0),
    ("[[x, 1], [x, 1]]^(-1)", 2.0),
]


@pytest.mark.parametrize(("formula", "x"), UNDEFINED)
def test_the_undefined_is_nan_without_a_warning(formula: str, x: float) -> None:
    scope = Scope.of({"x": "real"})
    tree = typed(read(formula, scope), scope).tree
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = evaluate(tree, {"x": np.full((1, 1, 1), x)}, {})
        assert np.isnan(result).all()
    assert evaluate_precisely(tree, {"x": np.full((1, 1), x)}, {}) is None


def test_points_do_not_touch_each_other() -> None:
    """A singular matrix, and bounds that differ, at one of several points."""
    A = np.stack([np.eye(3), np.ones((3, 3)), 2 * np.eye(3)])
    inverse = valued("A^(-1)", {"A": A})
    np.testing.assert_array_equal(inverse[[0, 2]], [np.eye(3), np.eye(3) / 2])
    assert np.isnan(inverse[1]).all()
    counts = {"a": np.array([3.0, 0.0, 0.5, 1.0]).reshape(4, 1, 1)}
    sums = valued("sum_{k=1}^{a} k", counts)[:, 0, 0]
    np.testing.assert_array_equal(sums, [6, 0, np.nan, 1])


def test_large_entries_do_not_spoil_a_softmax() -> None:
    z = np.array([1000.0, 1001.0, -1000.0]).reshape(1, 3, 1)
    share = 1 / (1 + math.e)
    result = valued("softmax(z)", {"z": z})[0, :, 0]
    np.testing.assert_allclose(result, [share, 1 - share, 0], rtol=1e-12)


def test_a_constant_has_a_value_at_every_point() -> None:
    assert valued("2 pi").shape == (POINTS, 1, 1)
    assert valued("eye(3)").shape == (POINTS, 3, 3)
    assert evaluate(Num(Fraction(1, 2)), {}, {}).tolist() == [[[0.5]]]
    assert np.isnan(evaluate(Num(Fraction(10**400)), {}, {})).all()


@pytest.mark.parametrize(
    ("name", "indices", "expected"),
    [
        ("z", (2,), lambda z, **_: z[1]),
        ("W", (1, 3), lambda W, **_: W[0, 2]),
        ("W", (1, 5), lambda **_: np.nan),
        ("z", (0,), lambda **_: np.nan),
        ("s", (5,), lambda s, **_: s[4]),
        ("s", (5, 3), lambda s, **_: s[4, 2]),
        ("s", (0,), lambda s_0, **_: s_0),
        ("s", (6,), lambda **_: np.full(3, np.nan)),
    ],
)
def test_entries_and_sequences_count_from_1(
    name: str, indices: tuple[int, ...], expected: Callable[..., Any]
) -> None:
    tree = typed(Item(name, tuple(Num(Fraction(i)) for i in indices)), SCOPE).tree
    result = evaluate(tree, VALUES, SIZES)
    for place in range(POINTS):
        here = {n: v[place] for n, v in VALUES.items()}
        np.testing.assert_array_equal(result[place].ravel(), np.ravel(expected(**here)))
        exact = evaluate_precisely(tree, here, SIZES)
        assert (exact is None) == bool(np.isnan(result[place]).any())
        assert exact is None or np.array_equal(exact.astype(float), result[place])


def test_long_chains_and_endless_sums() -> None:
    scope = Scope.of({"x": "real"})
    x: Tree = Name("x")
    for _ in range(4000):
        x = Sum(x, Name("x"))
    result = typed(x, scope)
    assert evaluate(result.tree, {"x": np.ones((1, 1, 1))}, {}).item() == 4001
    exact = evaluate_precisely(result.tree, {"x": np.ones((1, 1))}, {})
    assert exact is not None
    assert exact[0, 0] == 4001
    endless = typed(read("sum_{i=1}^{x} sum_{j=1}^{x} x", scope), scope).tree
    assert np.isnan(evaluate(endless, {"x": np.full((1, 1, 1), 9999999.0)}, {})).all()
    assert evaluate_precisely(endless, {"x": np.full((1, 1), 9999999.0)}, {}) is None
    with pytest.raises(NotationError, match="at most 1,000 terms"):
        read("sum_{i=1}^{50} sum_{j=1}^{50} x", scope)


def test_the_work_with_many_digits_is_bounded() -> None:
    tree = typed(read("(2 eye(64) + ones(64, 64))^999", SCOPE), SCOPE).tree
    assert evaluate_precisely(tree, {}, SIZES) is None


def test_rational_values_stay_exact() -> None:
    scope = Scope.of({"x": "real", "y": "real"})
    here = {"x": np.array([[0.1]]), "y": np.array([[3.0]])}
    x = Fraction(0.1)
    for formula, value in [
        ("(x + y)^2 - x^2 - 2x y - y^2", Fraction(0)),
        ("x/y", x / 3),
        ("[[x, y], [1, 2]]^(-1) [1, 0]", None),
        ("sqrt(x^2) - |x|", Fraction(0)),
    ]:
        result = evaluate_precisely(typed(read(formula, scope), scope).tree, here, {})
        assert result is not None
        assert all(isinstance(each, Fraction) for each in result.flat)
        if value is not None:
            assert result[0, 0] == value


def test_digits_lost_in_cancellation_are_found_again() -> None:
    scope = Scope.of({"x": "real"})
    tree = typed(read("(1 + e^(-x)) - 1", scope), scope).tree
    result = evaluate_precisely(tree, {"x": np.array([[100.0]])}, {})
    assert result is not None
    assert float(result[0, 0]) == pytest.approx(math.exp(-100), rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "kinks"),
    [
        ("relu(a)", ["a"]),
        ("|a - b| + step(b)", ["a - b", "b"]),
        ("max(0, a) + max(a, b)", ["a", "a - b"]),
        ("g ∘ (z > 0)", ["z"]),
        ("1{a > b}", ["a - b"]),
        ("relu(relu(a) - 1)", ["relu(a) - 1", "a"]),
        ("sum_{i=1}^{2} relu(a - i)", ["a - 1", "a - 2"]),
        ("sin(a) + a^2", []),
    ],
)
def test_arguments_of_kinks(formula: str, kinks: list[str]) -> None:
    found = arguments_of_kinks(typed(read(formula, SCOPE), SCOPE).tree)
    assert set(found) == {typed(read(kink, SCOPE), SCOPE).tree for kink in kinks}
    assert len(found) == len(set(found))


def test_floor_has_its_kinks_at_the_whole_numbers() -> None:
    (kink,) = arguments_of_kinks(typed(read("floor(a)", SCOPE), SCOPE).tree)
    a = np.array([1.9, 2.0, 2.1, -3.0]).reshape(-1, 1, 1)
    assert np.sign(evaluate(kink, {"a": a}, {})).ravel().tolist() == [-1, 0, 1, 0]


NUMBERS = st.integers(0, 9).map(lambda n: Num(Fraction(n)))
LEAVES = st.one_of(NUMBERS, st.sampled_from("abp").map(Name))
ONE_ARGUMENT = ("sin", "exp", "ln", "sqrt", "abs", "relu", "sigmoid", "softplus", "tanh", "atan")


def _grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pairs = [st.builds(kind, inner, inner) for kind in (Sum, Difference, Product, Quotient, Power)]
    calls = st.builds(lambda f, x: Call(f, (x,)), st.sampled_from(ONE_ARGUMENT), inner)
    return st.one_of(*pairs, st.builds(Neg, inner), calls)


def _swayed(tree: Tree) -> Tree:
    """The formula with the last digits of its numbers changed."""
    if isinstance(tree, Num):
        return Num(tree.value * (1 + Fraction(1, 10**9)))
    return tree.with_children(_swayed)


@settings(max_examples=150)
@given(st.recursive(LEAVES, _grown, max_leaves=8))
@example(Call("sin", (Power(Num(Fraction(12)), Call("softplus", (Num(Fraction(9)),))),)))
def test_random_formulas_agree_with_high_precision(tree: Tree) -> None:
    """Where the value moves little with its last digits, and those of its numbers; elsewhere
    floats promise nothing: sin(12^softplus(9))."""
    tree = typed(tree, SCOPE).tree
    names = ("a", "b", "p")
    floats = evaluate(tree, {n: VALUES[n] for n in names}, {})[:, 0, 0]
    moved = evaluate(tree, {n: VALUES[n] * (1 + 1e-9) for n in names}, {})[:, 0, 0]
    swayed = evaluate(_swayed(tree), {n: VALUES[n] for n in names}, {})[:, 0, 0]
    for place in range(POINTS):
        exact = evaluate_precisely(tree, {n: VALUES[n][place] for n in names}, {})
        value = floats[place]
        if exact is None or not (1e-6 < abs(value) < 1e6):
            continue
        steady = abs(value - moved[place]) < 1e-6 * abs(value)
        if steady and not abs(value - swayed[place]) >= 1e-6 * abs(value):  # undefined: (-2)^3.01
            assert float(exact[0, 0]) == pytest.approx(value, rel=1e-5)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 4), min_size=3, max_size=5), st.integers(0, 2**32 - 1))
def test_the_transpose_of_a_product(sizes: list[int], seed: int) -> None:
    names = [f"M{i}" for i in range(len(sizes) - 1)]
    shapes = dict(zip(names, itertools.pairwise(sizes), strict=True))
    scope = Scope.of({n: {"shape": list(s)} for n, s in shapes.items()})
    rng = np.random.default_rng(seed)
    values = {n: rng.integers(-5, 6, size=(3, *s)).astype(float) for n, s in shapes.items()}
    product = typed(read(f"({' '.join(names)})^T", scope), scope)
    turned = typed(read(" ".join(f"{n}^T" for n in reversed(names)), scope), scope)
    assert product.shape == turned.shape
    np.testing.assert_array_equal(
        evaluate(product.tree, values, {}), evaluate(turned.tree, values, {})
    )
