"""What slips make of a tree: every rule goes through its places and does one thing wrong.

A rule yields the name of the slip, as in `mutants`, and the whole tree with the slip in it; shapes
may not fit any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from fractions import Fraction
from itertools import islice, zip_longest

from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Series,
    Size,
    Sum,
    Transpose,
    Tree,
)

_OF_A_RULE = 24  # mutants of one rule

Place = tuple[Tree, Callable[[Tree], Tree]]  # a node, and the whole tree with another in its place

_TWO, _ONE = Num(Fraction(2)), Num(Fraction(1))


def mutations(tree: Tree, scope: Scope) -> Iterator[tuple[int, str, Tree]]:
    """Every mutant once, with the rank of its rule and its name; the rules take turns, so that a
    long formula does not use up the slips on its first rule."""
    places = list(_places(tree))
    seen: set[Tree] = set()
    ranked: list[list[tuple[int, str, Tree]]] = []
    for rank, rule in enumerate(_RULES):
        found = []
        for name, mutant in islice(rule(tree, places, scope), _OF_A_RULE):
            known = len(seen)
            seen.add(mutant)
            if len(seen) > known:
                found.append((rank, name, mutant))
        ranked.append(found)
    for turn in zip_longest(*ranked):
        yield from (each for each in turn if each is not None)


def _places(tree: Tree, whole: Callable[[Tree], Tree] = lambda new: new) -> Iterator[Place]:
    """Every node of the tree with the way to put another in its place."""
    yield tree, whole
    for each in fields(tree):
        value = getattr(tree, each.name)
        if isinstance(value, Tree):
            yield from _places(value, _putting(tree, each.name, whole))
        elif isinstance(value, tuple):
            for i, entry in enumerate(value):
                if isinstance(entry, Tree):
                    yield from _places(entry, _putting_in(tree, each.name, i, whole))


def _putting(tree: Tree, field: str, whole: Callable[[Tree], Tree]) -> Callable[[Tree], Tree]:
    return lambda new: whole(tree.but(**{field: new}))


def _putting_in(
    tree: Tree, field: str, place: int, whole: Callable[[Tree], Tree]
) -> Callable[[Tree], Tree]:
    def put(new: Tree) -> Tree:
        entries = list(getattr(tree, field))
        entries[place] = new
        return whole(tree.but(**{field: tuple(entries)}))

    return put


_Rule = Callable[[Tree, list[Place], Scope], Iterator[tuple[str, Tree]]]


def _whole(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    yield "opposite sign", Neg(tree)
    yield "other layout", Transpose(tree)
    yield "factor 2", Product(_TWO, tree, "*")
    yield "factor 2", Quotient(tree, _TWO)


def _is_mask(tree: Tree) -> bool:
    return isinstance(tree, Compare) or (
        isinstance(tree, Call) and tree.function in ("relu'", "step", "indicator")
    )


def _is_one(tree: Tree) -> bool:
    return (isinstance(tree, Num) and tree.value == 1) or (
        isinstance(tree, Call) and tree.function == "ones"
    )


def _square_of(tree: Tree) -> Tree | None:
    """h of h^2, h ∘ h and h h."""
    if isinstance(tree, Power) and tree.exponent == _TWO:
        return tree.base
    if isinstance(tree, Hadamard | Product) and tree.left == tree.right:
        return tree.left
    return None


def _slope_from(factors: list[Tree], place: int) -> list[int]:
    """The places of the factors that together are the derivative which begins at a place: 1 - h^2,
    or 1 - h and h, or a derivative by name. Empty if none does."""
    factor = factors[place]
    if isinstance(factor, Call) and factor.function.endswith("'") and factor.function != "relu'":
        return [place]
    if isinstance(factor, Difference):
        if _is_one(factor.left):
            if _square_of(factor.right) is not None:
                return [place]
            others = [i for i, each in enumerate(factors) if each == factor.right]
            return [place, *others[:1]] if others else []
        if _square_of(factor.right) == factor.left:
            return [place]
    return []


def _chain(tree: Tree) -> tuple[list[Tree], Callable[[list[Tree]], Tree]] | None:
    """The factors of a product of one kind, and the way back; None for no product."""
    if isinstance(tree, Hadamard):
        return _factors(tree, Hadamard), lambda f: _joined(f, Hadamard)
    if isinstance(tree, Product):
        return _factors(tree, Product), lambda f: _joined(f, Product)
    return None


def _factors(tree: Tree, kind: type[Tree]) -> list[Tree]:
    if not isinstance(tree, kind):
        return [tree]
    left, right = tree.children()
    return _factors(left, kind) + _factors(right, kind)


def _joined(factors: list[Tree], product: Callable[[Tree, Tree], Tree]) -> Tree:
    result = factors[0]
    for factor in factors[1:]:
        result = product(result, factor)
    return result


def _without(factors: list[Tree], dropped: list[int]) -> list[Tree]:
    return [each for i, each in enumerate(factors) if i not in dropped] or [_ONE]


def _factor(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    """A mask, a derivative or any other factor left out; a divisor too."""
    found: list[tuple[int, str, Tree]] = []
    tops = {
        id(child) for node, _ in places for child in node.children() if type(child) is type(node)
    }
    squares = {
        id(node.right)
        for node, _ in places
        if isinstance(node, Difference) and (_is_one(node.left) or _slope_from([node], 0))
    }
    for node, put in places:
        if isinstance(node, Quotient):
            size = isinstance(node.right, Size) or (
                isinstance(node.right, Name) and node.right.name in scope.sizes
            )
            found.append((2, "sum for mean" if size else "factor missing", put(node.left)))
        chain = None if id(node) in tops else _chain(node)
        if chain is None:
            continue
        factors, back = chain
        slopes = [_slope_from(factors, i) for i in range(len(factors))]
        for i, each in enumerate(factors):
            if slopes[i]:
                found.append((1, "derivative forgotten", put(back(_without(factors, slopes[i])))))
            if _is_mask(each):
                found.append((0, "mask forgotten", put(back(_without(factors, [i])))))
            elif slopes[i] != [i]:
                half = id(node) in squares or any(i in slope for slope in slopes)
                two = isinstance(each, Num) and each.value in (2, Fraction(1, 2))
                name = "wrong derivative" if half else "factor 2" if two else "factor missing"
                found.append((2, name, put(back(_without(factors, [i])))))
    for _, name, mutant in sorted(found, key=lambda each: each[0]):
        yield name, mutant


def _diagonal(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    """A mask or a derivative that a diagonal matrix carries."""
    for node, put in places:
        if isinstance(node, Product):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(side, Call) and side.function == "diag":
                    mask = _is_mask(side.arguments[0])
                    yield "mask forgotten" if mask else "derivative forgotten", put(other)


def _masks(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    flipped = {">": "<", ">=": "<", "<": ">", "<=": ">"}
    for node, put in places:
        if isinstance(node, Compare):
            if node.relation in flipped:
                other = node.but(relation=flipped[node.relation])
                yield "mask of the other side", put(other)
            yield "value for mask", put(node.left)
            yield "value for mask", put(Call("relu", (node.left,)))
        elif _is_mask(node) and isinstance(node, Call):
            yield "value for mask", put(node.arguments[0])
            yield "value for mask", put(Call("relu", node.arguments))


def _slopes(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    """One derivative for another, and at another argument."""
    for node, put in places:
        if isinstance(node, Difference) and _is_one(node.left):
            square = _square_of(node.right)
            if square is not None:
                short = Difference(_ONE, square)
                yield "wrong derivative", put(short)
                yield "wrong derivative", put(Hadamard(square, short))
                yield "wrong derivative", put(square)
            else:
                square = Hadamard(node.right, node.right)
                yield "wrong derivative", put(Difference(_ONE, square))
        chain = _chain(node)
        if chain is not None:
            factors, back = chain
            for i in range(len(factors)):
                slope = _slope_from(factors, i)
                if len(slope) == 2:
                    h = factors[slope[1]]
                    others = _without(factors, slope)
                    tanh = Difference(_ONE, Hadamard(h, h))
                    for wrong in (h, factors[slope[0]], tanh):
                        yield "wrong derivative", put(back([*others, wrong]))
        if isinstance(node, Call) and node.function.endswith("'"):
            plain = node.function[:-1]
            yield "wrong derivative", put(Call(plain, node.arguments))
            inside = Call(plain, node.arguments)
            yield "derivative at the wrong argument", put(Call(node.function, (inside,)))
    for node, put in places:
        argument = _argument(node)
        if isinstance(argument, Name):
            for other in _like(argument, scope):
                yield "derivative at the wrong argument", put(_with_argument(node, Name(other)))


def _argument(node: Tree) -> Tree | None:
    """What a mask or a derivative by name is taken at."""
    if isinstance(node, Compare):
        return node.left
    if isinstance(node, Call) and (node.function.endswith("'") or _is_mask(node)):
        return node.arguments[0]
    return None


def _with_argument(node: Tree, argument: Tree) -> Tree:
    if isinstance(node, Compare):
        return node.but(left=argument)
    assert isinstance(node, Call)
    return Call(node.function, (argument, *node.arguments[1:]))


def _added_slopes(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        if isinstance(node, Hadamard):
            for side in (node.left, node.right):
                if isinstance(side, Name):
                    slope = Difference(_ONE, side)
                    yield "derivative not needed", put(Hadamard(node, slope))


def _functions(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        if isinstance(node, Call) and len(node.arguments) == 1:
            if node.function in ("sum", "mean"):
                other = "mean" if node.function == "sum" else "sum"
                yield "sum for mean", put(Call(other, node.arguments))
            elif not node.function.endswith("'") and node.function not in ("diag", "ones", "eye"):
                yield "function forgotten", put(node.arguments[0])


def _transposes(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        if isinstance(node, Transpose):
            yield "transpose dropped", put(node.body)
    bodies = {id(node.body) for node, _ in places if isinstance(node, Transpose)}
    for node, put in places:
        known = scope.names.get(node.name) if isinstance(node, Name | Item) else None
        if known is not None and len(known.shape) == 2 and id(node) not in bodies:
            yield "transpose added", put(Transpose(node))


def _terms(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        match node:
            case Sum(left, right):
                yield "sign of a term", put(Difference(left, right))
                yield "sign of a term", put(Difference(right, left))
            case Difference(left, right):
                yield "sign of a term", put(Sum(left, right))
                if node is not tree:
                    yield "sign of a term", put(Difference(right, left))
            case Neg(body) if node is not tree:
                yield "sign of a term", put(body)


def _lost(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        match node:
            case Sum(left, right):
                yield "term lost", put(left)
                yield "term lost", put(right)
            case Difference(left, right):
                yield "term lost", put(left)
                yield "term lost", put(Neg(right))
            case Series(_, low, high):
                yield "term lost", put(node.but(low=Sum(low, _ONE)))
                yield "term lost", put(node.but(high=Difference(high, _ONE)))


def _doubled(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    """A term twice or half as large."""
    for node, put in places:
        if isinstance(node, Sum | Difference):
            for side in ("left", "right"):
                term = getattr(node, side)
                for wrong in (Product(_TWO, term, "*"), Quotient(term, _TWO)):
                    yield "factor 2", put(node.but(**{side: wrong}))


def _products(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        if isinstance(node, Product):
            yield "order reversed", put(Product(node.right, node.left, node.sign))
            yield "entry by entry", put(Hadamard(node.left, node.right))
            chain = _chain(node)
            if chain is not None and len(chain[0]) > 2:
                yield "order reversed", put(chain[1](chain[0][::-1]))
        elif isinstance(node, Hadamard):
            yield "matrix product", put(Product(node.left, node.right, "@"))


def _names(tree: Tree, places: list[Place], scope: Scope) -> Iterator[tuple[str, Tree]]:
    for node, put in places:
        if isinstance(node, Name | Item):
            for other in _like(node, scope):
                yield "name exchanged", put(node.but(name=other))


def _like(node: Name | Item, scope: Scope) -> list[str]:
    """The other names of the same shape, and sequences as long."""
    known = scope.names.get(node.name)
    if known is None:
        return []
    return [
        other.name
        for other in scope.names.values()
        if other.name != node.name and (other.shape, other.length) == (known.shape, known.length)
    ]


_RULES: tuple[_Rule, ...] = (
    _whole,
    _diagonal,
    _factor,
    _masks,
    _slopes,
    _terms,
    _lost,
    _transposes,
    _products,
    _functions,
    _doubled,
    _added_slopes,
    _names,
)
