"""Shapes: what fits, what each product is, and what is said where nothing fits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from generator.model.errors import NotationError
from generator.notation.formulas.parsing import read
from generator.notation.formulas.printing import text
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import Typed, typed
from generator.notation.formulas.tree import Hadamard, Name, Num, Product, Sum, Tree

NAMES: dict[str, Any] = {
    "U": {"shape": ["k", "m"]},
    "W": {"shape": ["m", "d"]},
    "V": {"shape": ["m", "m"]},
    "X": {"shape": ["n", "d"]},
    "Y": {"shape": ["n", "d"]},
    "delta1": {"shape": ["k"]},
    "h": {"shape": ["m"]},
    "z": {"shape": ["m"]},
    "x": {"shape": ["d"]},
    "r": {"shape": [1, "d"]},
    "w": {"shape": [3]},
    "M": {"shape": [2, 3]},
    "lam": "positive",
    "a": "real",
    "s": {"shape": ["m"], "length": "T"},
    "q": {"shape": ["m"], "length": 3},
}
SCOPE = Scope.of(NAMES)


def shaped(formula: str, wanted: Shape | None = None) -> Typed:
    return typed(read(formula, SCOPE), SCOPE, wanted, formula)


FITS: list[tuple[str, Shape]] = [
    ("2 lam a", ()),
    ("lam U", ("k", "m")),
    ("U h", ("k", 1)),
    ("U * h", ("k", 1)),
    ("h^T U^T", (1, "k")),
    ("U^T delta1 x^T", ("m", "d")),
    ("h^T z", ()),
    ("h^T z x", ("d", 1)),
    ("h z^T", ("m", "m")),
    ("h * z", ("m", 1)),
    ("X * Y", ("n", "d")),
    ("r x", ()),
    ("x r", ("d", "d")),
    ("r * x^T", (1, "d")),
    ("M w", (2, 1)),
    ("w^T M^T", (1, 2)),
    ("1 - h", ("m", 1)),
    ("h - lam", ("m", 1)),
    ("h - mean(h)", ("m", 1)),
    ("1 - X", ("n", "d")),
    ("1/h", ("m", 1)),
    ("h/z", ("m", 1)),
    ("h/sum(h)", ("m", 1)),
    ("V^2 h", ("m", 1)),
    ("V^(-1) h", ("m", 1)),
    ("h^2", ("m", 1)),
    ("X^2", ("n", "d")),
    ("2^h", ("m", 1)),
    ("h^z", ("m", 1)),
    ("(h > 0)", ("m", 1)),
    ("1{h > z}", ("m", 1)),
    ("V + lam I", ("m", "m")),
    ("(I - V) h", ("m", 1)),
    ("I h", ("m", 1)),
    ("(X^T X + lam I)^(-1) X^T Y", ("d", "d")),
    ("I + I + V", ("m", "m")),
    ("X ones(d)", ("n", 1)),
    ("ones(n, d) - X", ("n", "d")),
    ("ones((n, d)) - X", ("n", "d")),
    ("ones(1, n) X", (1, "d")),
    ("eye(m) - V", ("m", "m")),
    ("zeros(3)", (3, 1)),
    ("ones(1)", ()),
    ("1/n sum(X)", ()),
    ("sum(X, 0)", ("d", 1)),
    ("sum(X, 1)", ("n", 1)),
    ("sum(X, 2)", ("n", 1)),
    ("mean(h, 0)", ()),
    ("trace(V) + det(V)", ()),
    ("norm(X)", ()),
    ("diag(h)", ("m", "m")),
    ("diag(h^T)", ("m", "m")),
    ("diag(V)", ("m", 1)),
    ("diag(h) W", ("m", "d")),
    ("inv(V)", ("m", "m")),
    ("transpose(U)", ("m", "k")),
    ("transpose(a)", ()),
    ("dot(h, z)", ()),
    ("dot(h^T, z)", ()),
    ("dot(U, h)", ("k", 1)),
    ("outer(delta1, h)", ("k", "m")),
    ("outer(h^T, x^T)", ("m", "d")),
    ("hadamard(h, z)", ("m", 1)),
    ("relu(W x)", ("m", 1)),
    ("max(0, X)", ("n", "d")),
    ("max(h)", ()),
    ("softmax(U h)", ("k", 1)),
    ("log(h, a)", ("m", 1)),
    ("[a, lam, 1]", (3, 1)),
    ("[[a, lam], [0, 1]]", (2, 2)),
    ("[a, lam, 1]^T w", ()),
    ("sum_{t=1}^{T} s_t s_t^T", ("m", "m")),
    ("sum_{i=1}^{m} lam^i", ()),
    ("T a", ()),
]


@pytest.mark.parametrize(("formula", "shape"), FITS)
def test_the_shape(formula: str, shape: Shape) -> None:
    result = shaped(formula)
    assert result.shape == shape
    assert typed(result.tree, SCOPE) == result, "typing a typed tree changes nothing"


DECIDED: list[tuple[str, Tree]] = [
    ("lam a", Product(Name("lam"), Name("a"), "*")),
    ("lam ∘ h", Product(Name("lam"), Name("h"), "*")),
    ("U h", Product(Name("U"), Name("h"), "@")),
    ("V * V", Product(Name("V"), Name("V"), "@")),
    ("h * z", Hadamard(Name("h"), Name("z"))),
    ("hadamard(h, z)", Hadamard(Name("h"), Name("z"))),
]


@pytest.mark.parametrize(("formula", "tree"), DECIDED)
def test_every_product_is_decided(formula: str, tree: Tree) -> None:
    assert shaped(formula).tree == tree


@pytest.mark.parametrize(
    ("formula", "written_out"),
    [
        ("V + lam I", "V + lam * eye(m)"),
        ("I h", "eye(m) @ h"),
        ("X^T 𝟙", "X^T @ ones(n)"),
        ("sum(X, 0)", "X^T @ ones(n)"),
        ("sum(X, 1)", "X @ ones(d)"),
        ("sum(X, 2)", "X @ ones(d)"),
        ("mean(X, 0)", "(X^T @ ones(n))/n"),
        ("dot(h, z)", "h^T @ z"),
        ("outer(h, x)", "h @ x^T"),
        ("1{h > 0}", "(h > 0)"),
        ("transpose(a)", "a"),
    ],
)
def test_what_stands_for_something_else(formula: str, written_out: str) -> None:
    assert shaped(formula) == shaped(written_out)


def test_the_wanted_shape_settles_what_is_open() -> None:
    assert shaped("I", ("m", "m")).tree == shaped("eye(m)").tree
    assert shaped("2 I", (3, 3)).tree == shaped("2 eye(3)").tree
    assert shaped("𝟙", ("n", 1)).tree == shaped("ones(n)").tree
    assert shaped("h", ("n", 1)).shape == ("m", 1), "it is not enforced"


def test_an_axis_1_counts_as_numpy_does_unless_only_matlab_fits() -> None:
    assert shaped("sum(X, 1)", ("n", 1)).tree == shaped("X @ ones(d)").tree
    assert shaped("sum(X, 1)'", ("d", 1)).tree == shaped("(ones(n)^T @ X)^T").tree
    assert shaped("sum(X, 1) + r").tree == shaped("ones(n)^T @ X + r").tree
    assert shaped("sum(X, 1)", ("m", 1)).shape == ("n", 1)


MISFITS: list[tuple[str, str, str]] = [
    # formula, message, where: the sub-expression begins there or its operator stands there
    (
        "U delta1",
        "U has shape k×m and delta1 has k entries, so U delta1 does not fit; U^T delta1 does.",
        "U delta1",
    ),
    (
        "x + U delta1",
        "U has shape k×m and delta1 has k entries, so U delta1 does not fit; U^T delta1 does.",
        "U delta1",
    ),
    (
        "h z",
        "h has m entries and z has m entries, so h z does not fit; h^T z, h z^T and h ∘ z do.",
        "h z",
    ),
    (
        "h @ z",
        "h has m entries and z has m entries, so h @ z does not fit; h^T z, h z^T and h ∘ z do.",
        "h @ z",
    ),
    (
        "X Y",
        "X has shape n×d and Y has shape n×d, so X Y does not fit; X^T Y, X Y^T and X ∘ Y do.",
        "X Y",
    ),
    ("x W", "x has d entries and W has shape m×d, so x W does not fit; W x does.", "x W"),
    (
        "V h^T",
        "V has shape m×m and h^T is a row of m entries, so V h^T does not fit; V h and h^T V do.",
        "V h",
    ),
    (
        "h^T x",
        "h^T is a row of m entries and x has d entries, so h^T x does not fit; x h^T does.",
        "h^T x",
    ),
    (
        "U x",
        "U has shape k×m and x has d entries, so U x does not fit: after U something "
        "with m rows fits",
        "U x",
    ),
    ("h * x", "h has m entries and x has d entries, so h * x does not fit; h x^T does.", "h * x"),
    ("h ∘ x", "h has m entries and x has d entries, so h ∘ x does not fit", "h ∘ x"),
    (
        "h ∘ z^T",
        "h has m entries and z^T is a row of m entries, so h ∘ z^T does not fit; h ∘ z "
        "and h z^T do.",
        "h ∘ z^T",
    ),
    ("h ∘ W", "h has m entries and W has shape m×d, so h ∘ W does not fit", "h ∘ W"),
    ("h + x", "h has m entries and x has d entries, so h + x does not fit", "h + x"),
    (
        "h - z^T",
        "h has m entries and z^T is a row of m entries, so h - z^T does not fit; h - z does.",
        "h - z^T",
    ),
    (
        "1 + V",
        "1 is a number and V has shape m×m, so 1 + V does not fit; I + V and ones(m, m) + V do.",
        "1 + V",
    ),
    (
        "V - lam",
        "V has shape m×m and lam is a number, so V - lam does not fit; V - lam I and V - "
        "lam ones(m, m) do.",
        "V - lam",
    ),
    ("1/V", "1 is a number and V has shape m×m, so 1/V does not fit; V^(-1) does.", "1/V"),
    ("h/x", "h has m entries and x has d entries, so h/x does not fit", "h/x"),
    ("X/h", "X has shape n×d and h has m entries, so X/h does not fit", "X/h"),
    ("X^(-1)", "X has shape n×d, but only a square matrix has an inverse", "X"),
    ("inv(X)", "X has shape n×d, but only a square matrix has an inverse", "X"),
    ("trace(X)", "X has shape n×d, but only a square matrix has a trace", "X"),
    ("det(h)", "h has m entries, but only a square matrix has a determinant", "h"),
    ("diag(X)", "X has shape n×d, but only a square matrix has a diagonal", "X"),
    ("V^(1/2)", "of a square matrix only whole powers are read", "V^"),
    ("h^x", "h has m entries and x has d entries, so h^x does not fit", "h^"),
    ("(h > x)", "h has m entries and x has d entries, so 1{h > x} does not fit", "h > x"),
    ("max(h, x)", "h has m entries and x has d entries, so max(h, x) does not fit", "max"),
    ("dot(h, x)", "h has m entries and x has d entries, so dot(h, x) does not fit", "dot"),
    ("outer(h, X)", "h has m entries and X has shape n×d, so outer(h, X) does not fit", "outer"),
    (
        "softmax(X)",
        "softmax is read of a vector only: of a matrix it could go by rows or by columns",
        "softmax",
    ),
    ("ones(a)", "ones takes a size: a whole number, or one of T, d, k, m, n", "a"),
    (
        "2 I",
        "the size of this can't be told from its place: write it, as in eye(n) or ones(n)",
        "I",
    ),
    ("[h, 1]", "h has m entries, but an entry is a number", "h"),
    ("sum_{i=1}^{h} i", "h has m entries, but a bound is a number", "h"),
    ("s", "s is a sequence: write s_1 or s_t", "s"),
    ("q_4", "the last of q is q_3", "q"),
]


@pytest.mark.parametrize(("formula", "message", "place"), MISFITS, ids=[m[0] for m in MISFITS])
def test_a_misfit_is_told(formula: str, message: str, place: str) -> None:
    with pytest.raises(NotationError) as caught:
        shaped(formula)
    assert caught.value.problem == message
    assert caught.value.text == formula
    start = formula.rindex(place)
    assert caught.value.position in range(start, start + len(place))


def test_a_long_sub_expression_is_not_repeated() -> None:
    long = " + ".join(["2 h"] * 12)
    with pytest.raises(NotationError) as caught:
        shaped(f"({long}) x")
    assert "the left side has m entries and x has d entries" in caught.value.problem
    assert len(caught.value.problem) < 200


def test_nothing_else_is_stretched() -> None:
    """What numpy would broadcast is refused, for it could be right by accident."""
    for formula in ("h ∘ (z x^T)", "h * (z x^T)", "W + h", "W - r", "h + z^T", "X / r"):
        with pytest.raises(NotationError):
            shaped(formula)


def test_sizes_are_symbols() -> None:
    """Square and equal shapes are told by their letters, not by numbers."""
    scope = Scope.of(
        {"A": {"shape": ["n", "m"]}, "B": {"shape": ["m", "n"]}, "C": {"shape": [3, 3]}}
    )
    assert typed(read("A B", scope), scope).shape == ("n", "n")
    for formula in ("A A", "A + B", "A C", "trace(A)"):
        with pytest.raises(NotationError):
            typed(read(formula, scope), scope)


def test_long_chains_do_not_recurse() -> None:
    tree: Tree = Name("h")
    for _ in range(5000):
        tree = Sum(tree, Name("z"))
    assert typed(tree, SCOPE).shape == ("m", 1)


def test_the_text_of_a_typed_tree_is_read_back() -> None:
    for formula, _ in FITS:
        result = shaped(formula)
        assert shaped(text(result.tree)) == result


def test_a_number_alone() -> None:
    assert typed(Num(Fraction(3)), SCOPE) == Typed(Num(Fraction(3)), ())
