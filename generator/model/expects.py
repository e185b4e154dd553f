"""What a part expects, as a short text that a form can carry without a word about the truth.

`grader check` reads answers by it when there is no key. The grammar, a line a kind:

    number | integer | array | shape | set | interval
    choice of A B C         one of the labels; `choices of A B C` for any number of them; also
                            `choice of yes no`, where such words may be typed for the labels
    order of A B C          all labels, first to last
    edges of x z L          the nodes that an edge may join
    exact number            a field of a witness; with sizes: exact array 2 x any
    formula {"x": "real"}   the names that the answer may use, as JSON, with shapes and domains
    number as no decimals   how it must be written: forms of `model.form`, with commas; of a formula
                            also `only x y`, the names to write it with

A group is a mapping of such texts; so is a witness, and all its texts start with `exact`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    Formula,
    Group,
    Number,
    Order,
    Witness,
    typable,
)
from generator.model.form import Form


def expects(asked: Mapping[str, Mapping[str, Answer]]) -> dict[str, dict[str, Any]]:
    """The expectations of a sheet, from its answers by slot and part: the tree of the form."""
    return {
        slot: {name: expectation(answer) for name, answer in parts.items()}
        for slot, parts in asked.items()
    }


def expectation(answer: Answer) -> str | dict[str, Any]:
    """What `answer` expects, without its value, and without a size unless a witness fixes it."""
    match answer:
        case Group():
            return {name: expectation(member) for name, member in answer.members.items()}
        case Witness():
            return {name: _field(shape) for name, shape in answer.shapes.items()}
        case Choice():
            word = "choices" if answer.several else "choice"
            return " ".join((word, "of", *typable(answer.options)))
        case Order():
            return " ".join(("order of", *typable(answer.options)))
        case Edges():
            return " ".join(("edges of", *answer.nodes)) if answer.nodes else "edges"
        case Formula():
            only = (" ".join(("only", *answer.only)),) if answer.only else ()
            names = json.dumps(answer.names, ensure_ascii=False)
            return _formed(f"formula {names}", (*answer.forms, *only))
        case Number():
            return _formed("integer" if answer.integer else "number", answer.forms)
        case Array():
            return _formed("array", answer.forms)
    return answer.kind


def _formed(kind: str, forms: tuple[Form | str, ...]) -> str:
    return f"{kind} as {', '.join(map(str, forms))}" if forms else kind


def _field(shape: tuple[int | None, ...]) -> str:
    if not shape:
        return "exact number"
    return "exact array " + " x ".join("any" if size is None else str(size) for size in shape)
