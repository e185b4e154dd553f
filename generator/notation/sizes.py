"""Shapes: 3x4, (3, 4), 4, R^{m x n}."""

from __future__ import annotations

import re

from generator.model.errors import NotationError
from generator.notation.tokens import respelled, shown

_SPACE = re.compile(r"(?:\\mathbb\{R\}|\\R\b|\bR\b)\s*\^")
_OF_TORCH = re.compile(r"(?:torch\.)?Size\s*(?=\()")
_TIMES = re.compile(r",|;|\\times|×|\bby\b|(?<=[0-9])\s*[xX]\s*(?=[0-9])|\s[xX]\s")
_COMPACT = re.compile(r"([0-9]+|[A-Za-z])[xX]([0-9]+|[A-Za-z])")
_SIZE = re.compile(r"[A-Za-z0-9_]+(?:[*+-][A-Za-z0-9_]+)*")
_PRODUCT = re.compile(r"([A-Za-z0-9_]+)\s*\*\s*([A-Za-z0-9_]+)")
_WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]{3}")  # three, dimensional: no symbol is so long
_SCALAR = {"scalar", "a scalar", "number", "a number", "()", "R"}


def read_shape(text: str) -> tuple[int | str, ...]:
    """The sizes that `text` gives: none for a scalar, one for a vector, two for a matrix.

    Sizes are whole numbers above 0, or symbols. A product is one size and counts entries, as in
    (3*4,) or 3*4 x 5; 3*4 alone may be meant as 3x4, and is refused.

    >>> read_shape("3x4"), read_shape("ℝ^4"), read_shape("m × n")
    ((3, 4), (4,), ('m', 'n'))
    """
    plain = respelled(text.replace("×", ","))  # elsewhere × is a product: here it separates
    plain = plain.replace("$", "").replace("\\{", "{").strip()
    if plain in _SCALAR:
        return ()
    inside = _OF_TORCH.sub("", _SPACE.sub("", plain, count=1), count=1).strip()
    while inside[:1] + inside[-1:] in ("()", "[]", "{}"):
        inside = inside[1:-1].strip()
    inside = re.sub(r"_\{(\w+)\}", r"_\1", inside)
    if compact := _COMPACT.fullmatch(inside):
        parts = list(compact.groups())
    else:
        parts = [part.strip() for part in _TIMES.split(inside)]
    if product := _PRODUCT.fullmatch(inside):
        matrix = "x".join(map(shown, product.groups()))
        problem = f"is this the size of a matrix? Write {matrix}, or the number of entries"
        raise NotationError(problem, text, 0)
    if len(parts) > 1 and not parts[-1]:  # (4,)
        parts.pop()
    if not 0 < len(parts) <= 2:
        raise NotationError("a shape has one size or two, as in 4 or 3x4", text, 0)
    return tuple(_size(part, text) for part in parts)


def _size(part: str, text: str) -> int | str:
    size = re.sub(r"\s*([*+-])\s*", r"\1", part)
    at = max(text.find(part), 0)
    if not _SIZE.fullmatch(size) or _WORD.search(size):
        what = f"{shown(part)} is not a size" if part else "a size is missing"
        raise NotationError(f"{what}: write 3x4 for 3 rows and 4 columns", text, at)
    if not re.fullmatch(r"[0-9]+(?:\*[0-9]+)*", size):
        if size[0].isdigit() and size.isalnum():
            raise NotationError(f"{shown(part)} is not a size: is a × missing?", text, at)
        return size
    if len(size) > 20:
        raise NotationError("this size is too large", text, at)
    product = 1
    for factor in size.split("*"):
        product *= int(factor)
    if product < 1:
        raise NotationError("a size is at least 1", text, at)
    return product
