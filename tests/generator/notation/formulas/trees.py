"""Random trees over a scope: only such trees as reading a text can give.

    @given(trees())
    def test_it(tree): ... read(text(tree), SCOPE) == tree

Shapes need not fit: `trees` is for reading and printing. `scalars` draws trees of numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

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
INDICES = ("t", "i", "j")  # of sums, not in the scope

RELATIONS = ("<", "<=", ">", ">=", "=", "!=")
_WRITTEN_ELSE = ("transpose", "hadamard", "indicator")  # these read as other nodes than a Call
_VECTORS = ("ones", "zeros")  # these take a list in brackets apart

decimals = st.one_of(
    st.integers(0, 12),
    st.integers(0, 10**30),
    st.decimals(0, 1000, places=3, allow_nan=False),
    st.sampled_from(["1e-30", "2.5e-7", "6.02e23", "1e100"]),
).map(Fraction)
vulgar = st.sampled_from(["1/3", "2/3", "1/7", "5/6", "4/3", "19/9"]).map(Fraction)


def trees(*, thirds: bool = True, leaves: int = 12) -> st.SearchStrategy[Tree]:
    """Any tree that reading a text over `SCOPE` can give; `thirds`: also ⅓ and the like."""
    return _trees(_leaves(thirds), (), leaves)


def scalars(names: Sequence[str], leaves: int = 8) -> st.SearchStrategy[Tree]:
    """Sums, products, quotients and whole powers of numbers and of `names`."""
    small = st.integers(0, 9).map(Fraction).map(Num)
    return st.recursive(
        st.one_of(small, st.sampled_from([Name(name) for name in names])),
        lambda below: st.one_of(
            _pairs(below, ("*", "")),
            below.map(Neg),
            st.builds(Power, below, st.integers(0, 4).map(Fraction).map(Num)),
        ),
        max_leaves=leaves,
    )


def _leaves(thirds: bool) -> st.SearchStrategy[Tree]:
    known = [Name(name) for name in (*SCOPE.names, *sorted(SCOPE.sizes), "N", "I", "𝟙")]
    return st.one_of(
        (decimals | vulgar if thirds else decimals).map(Num),
        st.sampled_from([Const("pi"), Const("e")]),
        st.sampled_from(known),
    )


def _trees(
    leaf: st.SearchStrategy[Tree], bound: tuple[str, ...], leaves: int
) -> st.SearchStrategy[Tree]:
    if bound:
        leaf = leaf | st.sampled_from([Name(index) for index in bound]) | _indexed(bound)
    extended = st.recursive(leaf, _above, max_leaves=leaves)
    if len(bound) == 2 or leaves < 3:
        return extended
    index = INDICES[len(bound)]
    inner = _trees(leaf, (*bound, index), leaves // 2)
    series = st.builds(Series, st.just(index), extended, extended, inner)
    return extended | st.recursive(leaf | series, _above, max_leaves=leaves)


def _above(below: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """One operation on what lies below."""
    return st.one_of(
        _pairs(below, ("*", "@", "")),
        _chains(below),
        st.builds(Hadamard, below, below),
        below.map(Neg),
        st.builds(Power, below, below),
        below.map(Transpose),
        st.builds(Compare, below, st.sampled_from(RELATIONS), below),
        _calls(below),
        _rows(below),
        _entries(below),
    )


def _pairs(below: st.SearchStrategy[Tree], signs: Sequence[Any]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.builds(Product, below, below, st.sampled_from(signs)),
        st.builds(Sum, below, below),
        st.builds(Difference, below, below),
        st.builds(Quotient, below, below),
    )


@st.composite
def _chains(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    """Factors in a row, grouped anyhow: where signs of every kind meet, brackets matter most."""
    identity = st.sampled_from([Name("I"), Name("𝟙")])
    factors = draw(
        st.lists(below | identity | st.builds(Sum, below, below), min_size=3, max_size=5)
    )
    while len(factors) > 1:
        at = draw(st.sampled_from([0, 0, 0, len(factors) - 2]))
        sign = draw(st.sampled_from(["", "", "*", "@", "∘", "∘", "/"]))
        factors[at : at + 2] = [_joined(sign, factors[at], factors[at + 1])]
    return factors[0]


def _joined(sign: Any, left: Tree, right: Tree) -> Tree:
    match sign:
        case "∘":
            return Hadamard(left, right)
        case "/":
            return Quotient(left, right)
    return Product(left, right, sign)


@st.composite
def _calls(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    name = draw(st.sampled_from([each for each in FUNCTIONS if each not in _WRITTEN_ELSE]))
    least, most = FUNCTIONS[name].arguments
    arguments = draw(st.lists(below, min_size=least, max_size=min(most, 3)))
    if name in _VECTORS and isinstance(arguments[0], Rows):
        arguments = [Num(Fraction(3))]
    return Call(name, tuple(arguments))


@st.composite
def _rows(draw: st.DrawFn, below: st.SearchStrategy[Tree]) -> Tree:
    """A column of two entries at least, or a matrix of two at least."""
    entry = below.filter(lambda tree: not isinstance(tree, Rows))
    high, wide = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    if high == wide == 1:
        wide = 2
    rows = draw(st.lists(st.tuples(*[entry] * wide), min_size=high, max_size=high))
    return Rows(tuple(rows), vector=high == 1 and draw(st.booleans()))


def _entries(below: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    indices = st.lists(below, min_size=1, max_size=2).map(tuple)
    return st.builds(Item, st.sampled_from(ENTRIES_OF), indices)


def _indexed(bound: tuple[str, ...]) -> st.SearchStrategy[Tree]:
    """h_t, s_{t-1} and W_{t,2}, with an index that a sum runs over."""
    index: st.SearchStrategy[Tree] = st.sampled_from([Name(each) for each in bound])
    before = index.map(lambda at: Difference(at, Num(Fraction(1))))
    one = (index | before).map(lambda at: (at,))
    two = index.map(lambda at: (at, Num(Fraction(2))))
    return st.builds(Item, st.sampled_from(("h", "s", "W1", "delta2")), one | two)
