"""Answer boxes: where on paper, and in a PDF that can be filled, each entry of the form goes.

A box's size tells what kind of answer is asked for, and nothing of the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    Formula,
    Group,
    Order,
    Shape,
    Witness,
)

Width = Literal["quarter", "third", "half", "full"]  # of the text, with gaps between
_TWELFTHS: dict[Width, int] = {"quarter": 3, "third": 4, "half": 6, "full": 12}
LINE, VECTOR, FORMULA, EDGES = 7, 9, 11, 15  # heights in mm
OPEN_VECTOR, OPEN_MATRIX = 12, 30  # ... of as many entries as students choose
MATRIX, MARGIN, ROW = 17, 5, 5  # of a matrix, in mm: at least, and for each of up to five rows
_LONG = 5  # a vector, or the rows of a matrix, of more entries takes the whole line


class AnswerBox(NamedTuple):
    """`key` is the path of the form's entry, such as q1.build_net.w0; `height` is in mm."""

    key: str
    width: Width
    height: int


def answer_boxes(key: str, truth: Answer) -> Iterator[AnswerBox]:
    """A box for each entry that the form has for a part, in its order."""
    match truth:
        case Group():
            for name, member in truth.members.items():
                yield from answer_boxes(f"{key}.{name}", member)
        case Witness():
            for name, shape in truth.shapes.items():
                yield _field(f"{key}.{name}", shape)
        case Array():
            yield _array(key, truth.value.shape)
        case Formula():
            yield AnswerBox(key, "full", FORMULA)
        case Edges():
            yield AnswerBox(key, "full", EDGES)
        case Order():
            yield AnswerBox(key, "half", LINE)
        case _:
            yield AnswerBox(key, "third", LINE)


def abreast(boxes: Sequence[AnswerBox]) -> tuple[AnswerBox, ...]:
    """The boxes of a part as they stand in rows, those of a row of one height; small ones are
    narrower where that makes one row of all."""
    narrow = [box._replace(width="quarter") if box.width == "third" else box for box in boxes]
    if not _fit(boxes) and _fit(narrow):
        boxes = narrow
    rows: list[list[AnswerBox]] = []
    for box in boxes:
        if rows and _fit([*rows[-1], box]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return tuple(box for row in rows for box in _level(row))


def _fit(row: Sequence[AnswerBox]) -> bool:
    return sum(_TWELFTHS[box.width] for box in row) <= 12


def _level(row: list[AnswerBox]) -> list[AnswerBox]:
    """The boxes, all as high as the highest."""
    height = max(box.height for box in row)
    return [box if box.height == height else box._replace(height=height) for box in row]


def chosen(truth: Answer) -> bool:
    """Whether a part is answered by options alone, which takes little room to work in."""
    members = truth.members.values() if isinstance(truth, Group) else (truth,)
    return all(isinstance(each, Choice | Order | Shape) for each in members)


def _field(key: str, shape: tuple[int | None, ...]) -> AnswerBox:
    if not shape:
        return AnswerBox(key, "third", LINE)
    known = tuple(size for size in shape if size is not None)
    if len(known) == len(shape):
        return _array(key, known)
    if len(shape) > 1:
        return AnswerBox(key, _width(known), OPEN_MATRIX)
    return AnswerBox(key, "half", OPEN_VECTOR)


def _array(key: str, shape: tuple[int, ...]) -> AnswerBox:
    """The same for a matrix as for its transpose, for which is right may be the question."""
    if len(shape) > 1:
        return AnswerBox(key, _width(shape), max(MATRIX, MARGIN + ROW * min(max(shape), 5)))
    return AnswerBox(key, _width(shape), VECTOR)


def _width(sizes: tuple[int, ...]) -> Width:
    return "full" if max(sizes, default=0) > _LONG else "half"
