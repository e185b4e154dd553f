"""Sizes while a tree is typed: symbols, whole numbers, and those that are not known yet."""

from __future__ import annotations

from generator.notation.formulas.scope import Shape, Size

SCALAR: Shape = ()


class Sizes:
    """Open sizes start with "?"; `found` says what they turned out to be."""

    def __init__(self) -> None:
        self.found: dict[str, Size] = {}
        self.open = 0

    def fresh(self) -> str:
        """A size that is not known yet."""
        self.open += 1
        return f"?{self.open}"

    def size(self, size: Size) -> Size:
        while isinstance(size, str) and size in self.found:
            size = self.found[size]
        return size

    def shape(self, shape: Shape) -> Shape:
        """The shape with every size that is known by now; 1×1 is a scalar."""
        if not shape:
            return shape
        if self.found:
            shape = (self.size(shape[0]), self.size(shape[1]))
        return SCALAR if shape == (1, 1) else shape

    def same(self, first: Size, second: Size) -> bool:
        """Whether two sizes are one; an open size becomes the other, unless that is 1."""
        first, second = self.size(first), self.size(second)
        if first == second:
            return True
        for this, other in ((first, second), (second, first)):
            if is_open(this) and other != 1:
                self.found[str(this)] = other
                return True
        return False

    def equal(self, first: Shape, second: Shape) -> bool:
        """Whether two shapes are one; if not, no open size has changed."""
        if first == second:
            return True
        if len(first) != len(second) or not self.open:
            return False
        before = dict(self.found)
        if all(self.same(a, b) for a, b in zip(first, second, strict=True)):
            return True
        self.found = before
        return False

    def square(self, shape: Shape) -> bool:
        return len(shape) == 2 and self.size(shape[0]) == self.size(shape[1])

    def length(self, shape: Shape) -> Size | None:
        """The number of entries of a column or a row, None of anything else."""
        shape = self.shape(shape)
        if len(shape) == 2 and 1 in shape:
            return shape[0] if shape[1] == 1 else shape[1]
        return None


def is_open(size: Size) -> bool:
    return isinstance(size, str) and size[0] == "?"
