"""Answer boxes: where on paper, and in a PDF that can be filled, each entry of the form goes.

A box's size tells what kind of answer is asked for, and nothing of the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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

Width = Literal["third", "half", "full"]  # of the text, with gaps between
LINE, VECTOR, FORMULA, MATRIX, OPEN_MATRIX = 7, 9, 11, 17, 22  # heights in mm


@dataclass(frozen=True)
class AnswerBox:
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
        case Array() if truth.value.ndim > 1:
            yield AnswerBox(key, "half", MATRIX)
        case Array():
            yield AnswerBox(key, "half", VECTOR)
        case Formula():
            yield AnswerBox(key, "full", FORMULA)
        case Edges():
            yield AnswerBox(key, "full", LINE)
        case Order():
            yield AnswerBox(key, "half", LINE)
        case _:
            yield AnswerBox(key, "third", LINE)


def chosen(truth: Answer) -> bool:
    """Whether a part is answered by options alone, which takes little room to work in."""
    members = truth.members.values() if isinstance(truth, Group) else (truth,)
    return all(isinstance(each, Choice | Order | Shape) for each in members)


def _field(key: str, shape: tuple[int | None, ...]) -> AnswerBox:
    if not shape:
        return AnswerBox(key, "third", LINE)
    if len(shape) == 1:
        return AnswerBox(key, "half", VECTOR)
    return AnswerBox(key, "half", OPEN_MATRIX if None in shape else MATRIX)
