"""What functions do to shapes, by the word that `functions` has for each.

Functions that are products in disguise (dot, outer, hadamard, sums along an axis) become those
products, so that there is one way to write each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Protocol

from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.misfits import Misfits
from generator.notation.formulas.scope import Shape, Size
from generator.notation.formulas.sizing import SCALAR, Sizes
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Hadamard,
    Name,
    Num,
    Product,
    Quotient,
    Rows,
    Transpose,
    Tree,
)
from generator.notation.formulas.tree import (
    Size as SizeTree,
)
from generator.notation.limits import ROWS

Pair = tuple[Tree, Shape]


class Typing(Protocol):
    """What a rule needs of the pass over the tree that it serves (`shapes`)."""

    @property
    def sizes(self) -> Sizes: ...

    @property
    def symbols(self) -> Collection[str]: ...

    @property
    def misfits(self) -> Misfits: ...

    @property
    def first_axis(self) -> int: ...

    axis_met: bool

    def of(self, tree: Tree) -> Pair: ...


def typed_call(typing: Typing, node: Call) -> Pair:
    return _RULES[FUNCTIONS[node.function].shape](typing, node)


def constant(tree: Tree) -> Fraction | None:
    """The value of a plain number, with or without a sign."""
    if isinstance(tree, Num):
        return tree.value
    body = getattr(tree, "body", None)
    return -body.value if isinstance(body, Num) else None


def _arguments(typing: Typing, node: Call) -> tuple[Call, list[Shape]]:
    pairs = [typing.of(each) for each in node.arguments]
    shapes = [shape for _, shape in pairs]
    if all(a is b for (a, _), b in zip(pairs, node.arguments, strict=True)):
        return node, shapes
    return Call(node.function, tuple([tree for tree, _ in pairs]), at=node.at), shapes


def _entrywise(typing: Typing, node: Call) -> Pair:
    call, shapes = _arguments(typing, node)
    result = SCALAR
    for each in shapes:
        if result and each and not typing.sizes.equal(result, each):
            raise typing.misfits.of_arguments(node, shapes)
        result = result or each
    if node.function == "indicator":  # a comparison is its own indicator
        if not any(isinstance(each, Compare) for each in _nodes(call.arguments[0])):
            raise typing.misfits.trouble("an indicator is of a comparison, such as 1{h > 0}", node)
        return call.arguments[0], result
    return call, result


def _nodes(tree: Tree) -> list[Tree]:
    found = [tree]
    for node in found:
        found.extend(node.children())
    return found


def _extreme(typing: Typing, node: Call) -> Pair:
    if len(node.arguments) > 1:
        return _entrywise(typing, node)
    return _number(typing, node)


def _number(typing: Typing, node: Call) -> Pair:
    """A function whose value is one number."""
    call, shapes = _arguments(typing, node)
    if node.function in ("trace", "det") and shapes[0] and not typing.sizes.square(shapes[0]):
        raise typing.misfits.not_square(node.arguments[0], shapes[0], node.function)
    if node.function in ("gcd", "lcm") and any(shapes):
        raise typing.misfits.of_arguments(node, shapes)
    return call, SCALAR


def _norm(typing: Typing, node: Call) -> Pair:
    """Of a matrix, only Frobenius' norm, which takes no index."""
    if len(node.arguments) == 1:
        return _number(typing, node)
    (argument, shape), order = typing.of(node.arguments[0]), constant(node.arguments[1])
    if order not in (1, 2):
        raise typing.misfits.trouble("only the norms with 1 and 2 are read", node)
    if shape and typing.sizes.length(shape) is None:
        problem = (
            f"||...||_{order} of a matrix is another norm: ||...||_F is the root of the squares"
        )
        raise typing.misfits.trouble(problem, node)
    if order == 1:
        return Call("sum", (Call("abs", (argument,), at=node.at),), at=node.at), SCALAR
    return Call("norm", (argument,), at=node.at), SCALAR


def _softmax(typing: Typing, node: Call) -> Pair:
    call, (shape,) = _arguments(typing, node)
    if shape and typing.sizes.length(shape) is None:
        raise typing.misfits.trouble(
            "softmax is read of a vector only: of a matrix it could go by rows or by columns", node
        )
    return call, shape


def _axis(typing: Typing, node: Call) -> Pair:
    """sum and mean: of all entries, or along an axis, which is a product with ones."""
    if len(node.arguments) == 1:
        return _number(typing, node)
    matrix, shape = typing.of(node.arguments[0])
    axis = constant(node.arguments[1])
    if axis not in (0, 1, 2):
        raise typing.misfits.trouble("the axis of a sum is 0 or 1", node.arguments[1])
    typing.axis_met |= axis == 1
    if not shape:
        return matrix, shape
    rows, columns = typing.sizes.size(shape[0]), typing.sizes.size(shape[1])
    down = axis == 0 or (axis == 1 and typing.first_axis == 1)  # the sums of each column
    ones = Call("ones", (size_tree(rows if down else columns, node.at),), at=node.at)
    result = matrix
    if down and axis == 1:
        if rows != 1:
            result = Product(Transpose(ones, at=node.at), matrix, "@", at=node.at)
        total: Shape = (1, columns)
    else:
        if down:
            result = Transpose(matrix, at=node.at)
        if (rows if down else columns) != 1:
            result = Product(result, ones, "@", at=node.at)
        total = (columns if down else rows, 1)
    if node.function == "mean":
        result = Quotient(result, ones.arguments[0], at=node.at)
    return result, typing.sizes.shape(total)


def size_tree(size: Size, at: int) -> Tree:
    return Num(Fraction(size), at=at) if isinstance(size, int) else SizeTree(size, at=at)


def _diagonal(typing: Typing, node: Call) -> Pair:
    call, (shape,) = _arguments(typing, node)
    if not shape:
        return call.arguments[0], shape
    length = typing.sizes.length(shape)
    if length is not None:
        return call, (length, length)
    if not typing.sizes.square(shape):
        raise typing.misfits.not_square(node.arguments[0], shape, "diag")
    return call, (shape[0], 1)


def _inverse(typing: Typing, node: Call) -> Pair:
    call, (shape,) = _arguments(typing, node)
    if shape and not typing.sizes.square(shape):
        raise typing.misfits.not_square(node.arguments[0], shape, "inverse")
    return call, shape


def _transposed(typing: Typing, node: Call) -> Pair:
    return typing.of(Transpose(node.arguments[0], at=node.at))


def _hadamard(typing: Typing, node: Call) -> Pair:
    return typing.of(Hadamard(*node.arguments, at=node.at))


def _dot(typing: Typing, node: Call) -> Pair:
    """The inner product of two vectors or of two matrices of one shape; else A B."""
    call, (first, second) = _arguments(typing, node)
    a, b = call.arguments
    one, other = typing.sizes.length(first), typing.sizes.length(second)
    if one is not None and other is not None:
        if not typing.sizes.same(one, other):
            raise typing.misfits.of_arguments(node, [first, second])
        if typing.sizes.size(first[1]) == 1 != typing.sizes.size(second[1]):
            problem = "dot of a column and a row could be the inner or the outer product"
            raise typing.misfits.trouble(f"{problem}: write v^T w or v w^T", node)
        return _laid(typing, a, first, row=True, b=b, second=second), SCALAR
    if not first or not second:
        return Product(a, b, "*", at=node.at), first or second
    if typing.sizes.same(first[1], second[0]):
        return Product(a, b, "@", at=node.at), typing.sizes.shape((first[0], second[1]))
    if typing.sizes.equal(first, second):
        return Call("sum", (Hadamard(a, b, at=node.at),), at=node.at), SCALAR
    raise typing.misfits.of_arguments(node, [first, second])


def _inner(typing: Typing, node: Call) -> Pair:
    """The inner product of two vectors; of matrices numpy means A Bᵀ, a course sum(A ∘ B)."""
    _, shapes = _arguments(typing, node)
    if any(typing.sizes.length(shape) is None for shape in shapes):
        problem = "inner of matrices could be A B^T or sum(A ∘ B): write it out"
        raise typing.misfits.trouble(problem, node)
    return _dot(typing, node)


def _outer(typing: Typing, node: Call) -> Pair:
    call, (first, second) = _arguments(typing, node)
    a, b = call.arguments
    rows, columns = typing.sizes.length(first), typing.sizes.length(second)
    if rows is None or columns is None:
        raise typing.misfits.of_arguments(node, [first, second])
    return _laid(typing, a, first, row=False, b=b, second=second), (rows, columns)


def _laid(typing: Typing, a: Tree, first: Shape, *, row: bool, b: Tree, second: Shape) -> Tree:
    """The matrix product of two vectors, the first laid as a row and the second as a column, or
    the other way round."""
    is_column = typing.sizes.size(first[1]) == 1
    left = Transpose(a, at=a.at) if is_column is row else a
    is_column = typing.sizes.size(second[1]) == 1
    right = b if is_column is row else Transpose(b, at=b.at)
    return Product(left, right, "@", at=a.at)


def _ones(typing: Typing, node: Call) -> Pair:
    arguments = node.arguments
    if len(arguments) == 1 and isinstance(arguments[0], Rows):  # ones((n, m))
        arguments = tuple(each for row in arguments[0].rows for each in row)
    if len(arguments) > 2:
        raise typing.misfits.trouble(f"{node.function} takes one size or two", node)
    sizes = [_given_size(typing, each, node.function) for each in arguments]
    trees = tuple(map(size_tree, sizes, [each.at for each in arguments]))
    call = Call(node.function, trees, at=node.at)
    return call, typing.sizes.shape((sizes[0], sizes[1] if len(sizes) > 1 else 1))


def _eye(typing: Typing, node: Call) -> Pair:
    argument = node.arguments[0]
    size = _given_size(typing, argument, "eye")
    call = Call("eye", (size_tree(size, argument.at),), at=node.at)
    return call, typing.sizes.shape((size, size))


def _given_size(typing: Typing, tree: Tree, function: str) -> Size:
    if isinstance(tree, Num) and tree.value.denominator == 1 and 0 < tree.value <= ROWS:
        return int(tree.value)
    if isinstance(tree, SizeTree):
        return tree.symbol
    if isinstance(tree, Name) and tree.name in typing.symbols:
        return tree.name
    raise typing.misfits.not_a_size(tree, function, sorted(typing.symbols))


def fitting(typing: Typing, node: Name) -> Pair:
    """I or 𝟙, of a size that its place will tell."""
    size = typing.sizes.fresh()
    function = "eye" if node.name == "I" else "ones"
    shape = (size, size if node.name == "I" else 1)
    return Call(function, (SizeTree(size, at=node.at),), at=node.at), shape


_RULES: dict[str, Callable[[Typing, Call], Pair]] = {
    "entrywise": _entrywise,
    "extreme": _extreme,
    "scalar": _number,
    "same": _softmax,
    "axis": _axis,
    "norm": _norm,
    "diag": _diagonal,
    "square": _inverse,
    "transpose": _transposed,
    "dot": _dot,
    "inner": _inner,
    "outer": _outer,
    "hadamard": _hadamard,
    "ones": _ones,
    "eye": _eye,
}
