"""Random trees over a scope: only such trees as reading a text can give.

    @given(trees())
    def test_it(tree): ... read(text(tree), SCOPE) == tree

Shapes need not fit: these are for reading and printing.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from generator.notation.formulas.function_shapes import constant
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Difference,
    Hadamard,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Series,
    Sum,
    Transpose,
    Tree,
)

# Every way to spell a name: bare, numbered, accented, Greek, worded; s is a sequence of N numbers.
SCOPE = Scope.of(
    {
        "x": "real",
        "y": "real",
        "x1": "real",
        "v_c": "real",
        "theta": "real",
        "lam": "positive",
        "delta2": {"shape": ["m"]},
        "yhat": {"shape": ["k"]},
        "xbar_2": {"shape": ["k"]},
        "h": {"shape": ["m"]},
        "W1": {"shape": ["m", "n"]},
        "U": {"shape": ["k", "m"]},
        "dS": {"shape": ["n", "n"]},
        "s": {"shape": [], "length": "N"},
    }
)
ENTRIES_OF = ("h", "W1", "U", "s")  # the names whose entries, in [ ], are drawn
INDICES = ("t", "i")  # of sums, not in the scope

RELATIONS = ("<", "<=", ">", ">=", "=", "!=")
DECIMALS = st.one_of(
    st.integers(0, 12),
    st.integers(0, 10**30),
    st.decimals(0, 1000, places=3, allow_nan=False),
    st.sampled_from(["1e-30", "2.5e-7", "6.02e23", "1e100"]),
).map(Fraction)
THIRDS = st.sampled_from(["1/3", "2/3", "1/7", "5/6", "4/3", "19/9"]).map(Fraction)

_NOT_CALLED = {
    "Fraction",
    "transpose",
    "hadamard",
    "indicator",
    "matmul",
    "power",
    "square",
    "where",
}
_NOT_CALLED |= {"lg", "nPr", "mod", "round", "gcd", "lcm"}  # written out, or so of fractions
_CALLED = [name for name in FUNCTIONS if name not in _NOT_CALLED]
_KNOWN = (*SCOPE.names, *sorted(SCOPE.sizes), "N", "I", "𝟙")
_KINDS = ["leaf", "leaf", "pair", "pair", "chain", "chain", "-", "^", "T", "1{}", "call", "rows"]
_PAIRED = ["+", "+", "-", "", "", "*", "·", "@", "∘", "/"]


def trees(*, thirds: bool = True, depth: int = 3) -> st.SearchStrategy[Tree]:
    """Any tree that reading a text over `SCOPE` can give; `thirds`: also ⅓ and the like."""
    return _tree(depth, thirds, ())


# Drawn level by level, not by st.recursive: the repr of one such inside another fills the memory.
@st.composite
def _tree(draw: st.DrawFn, depth: int, thirds: bool, bound: tuple[str, ...]) -> Tree:
    """A tree of at most so many levels, under sums over the indices `bound`."""
    below = _tree(depth - 1, thirds, bound)
    more = ["entry"] + ["sum"] * (len(bound) < len(INDICES)) + ["indexed"] * bool(bound)
    match draw(st.sampled_from(_KINDS + more)) if depth else "leaf":
        case "leaf":
            return draw(_leaf(thirds, bound))
        case "pair":
            return _paired(draw(st.sampled_from(_PAIRED)), draw(below), draw(below))
        case "chain":
            return draw(_chain(below))
        case "-":
            return Neg(draw(below))
        case "^":
            base = draw(below.filter(lambda each: each != Name("s")))  # s^(-1) is an entry of s
            return Power(base, draw(below))
        case "T":
            return Transpose(draw(below))
        case "1{}":
            return Compare(draw(below), draw(st.sampled_from(RELATIONS)), draw(below))
        case "call":
            return draw(_call(below))
        case "rows":
            return draw(_rows(below))
        case "entry":
            indices = draw(st.lists(below, min_size=1, max_size=2))
            return Item(draw(st.sampled_from(ENTRIES_OF)), tuple(indices))
        case "indexed":
            return draw(_indexed(bound))
    index = INDICES[len(bound)]
    body = draw(_tree(depth - 1, thirds, (*bound, index)))
    low, high = draw(below), draw(below)
    if constant(low) is not None and constant(high) is not None:
        high = Sum(low, Name("x"))  # how many terms numbers may ask for is limited
    return Series(index, low, high, body)


def _paired(sign: Any, left: Tree, right: Tree) -> Tree:
    match sign:
        case "+":
            return Sum(left, right)
        case "-":
            return Difference(left, right)
        case "∘":
            return Hadamard(left, right)
        case "/":
            return Quotient(left, right)
    return Product(left, right, sign)


@st.composite
def _leaf(draw: st.DrawFn, thirds: bool, bound: tuple[str, ...]) -> Tree:
    match draw(st.sampled_from(["number", "name", "name", "constant"])):
        case "number":
            return Num(draw(DECIMALS | THIRDS if thirds else DECIMALS))
        case "constant":
            return draw(st.sampled_from([Const("pi"), Const("e")]))
    return Name(draw(st.sampled_from((*_KNOWN, *bound))))


@st.composite
def _chain(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    """Factors in a row, grouped anyhow: where signs of every kind meet, brackets matter most."""
    factors: list[Tree] = []
    for _ in range(draw(st.integers(3, 5))):
        match draw(st.sampled_from(["any", "any", "sum", "one"])):
            case "sum":
                factors.append(Sum(draw(below), draw(below)))
            case "one":
                factors.append(Name(draw(st.sampled_from(["I", "𝟙"]))))
            case _:
                factors.append(draw(below))
    while len(factors) > 1:
        at = draw(st.sampled_from([0, 0, 0, len(factors) - 2]))
        sign = draw(st.sampled_from(["", "", "*", "·", "@", "∘", "∘", "/"]))
        factors[at : at + 2] = [_paired(sign, factors[at], factors[at + 1])]
    return factors[0]


@st.composite
def _call(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    name = draw(st.sampled_from(_CALLED))
    least, most = FUNCTIONS[name].arguments
    least = 2 if name == "root" else least  # root(x) is sqrt(x)
    arguments = draw(st.lists(below, min_size=least, max_size=min(most, 3)))
    if name in ("ones", "zeros") and isinstance(arguments[0], Rows):
        arguments = [Num(Fraction(3))]  # a list of sizes is taken apart
    return Call(name, tuple(arguments))


@st.composite
def _rows(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    """A column of two entries at least, or a matrix of two at least."""
    entry = below.filter(lambda tree: not isinstance(tree, Rows))
    high, wide = draw(st.sampled_from([(1, 2), (1, 3), (2, 1), (3, 1), (2, 2)]))
    rows = tuple(tuple(draw(entry) for _ in range(wide)) for _ in range(high))
    return Rows(rows, vector=high == 1 and draw(st.booleans()))


@st.composite
def _indexed(draw: st.DrawFn, bound: tuple[str, ...]) -> Tree:
    """h_t, s_{t-1} and W_{t,2}, with an index that a sum runs over."""
    index: Tree = Name(draw(st.sampled_from(bound)))
    if draw(st.booleans()):
        index = Difference(index, Num(Fraction(1)))
    second = (Num(Fraction(2)),) * draw(st.booleans())
    return Item(draw(st.sampled_from(("h", "s", "W1", "delta2"))), (index, *second))
