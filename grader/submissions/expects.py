"""What a form says about the kinds of its answers, read back into questions without a truth.

The grammar is that of `generator.model.expects`. The values of these questions are made up:
they serve to read an answer, never to judge one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    Ends,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    Shape,
    Witness,
)
from generator.model.values import exact
from generator.notation.formulas.written import scope_of

_PLAIN: dict[str, Callable[[], Answer]] = {
    "number": lambda: Number(Fraction(0)),
    "integer": lambda: Number(Fraction(0), integer=True),
    "array": lambda: Array(exact([[0, 0], [0, 0]])),
    "shape": lambda: Shape((1,)),
    "set": lambda: FiniteSet(frozenset()),
    "interval": lambda: Interval(Ends(None, None, False, False)),
    "edges": lambda: Edges(frozenset()),
}
_OF: dict[str, Callable[[tuple[str, ...]], Answer]] = {
    "choice of": lambda keys: Choice(frozenset(keys[:1]), keys),
    "choices of": lambda keys: Choice(frozenset(), keys, several=True),
    "order of": lambda keys: Order(keys, keys),
    "edges of": lambda nodes: Edges(frozenset(), nodes),
}


def question(expected: Any) -> Answer:
    """The question that an expectation stands for. ValueError if it was edited into nonsense."""
    if isinstance(expected, Mapping) and expected:
        if all(str(text).startswith("exact ") for text in expected.values()):
            shapes = {name: _shape(str(text)) for name, text in expected.items()}
            fields = {name: _zeros(shape) for name, shape in shapes.items()}
            return Witness(fields, shapes)
        return Group.of(**{name: question(each) for name, each in expected.items()})
    kind, _, names = str(expected).partition(" ")
    if kind == "formula":
        return _formula(names)
    text, _, form = " ".join(str(expected).split()).partition(" as ")
    if form:
        if text not in ("number", "integer", "array"):
            raise ValueError(f"{text!r} takes no form")
        return replace(_PLAIN[text](), form=tuple(form.split(", ")))  # type: ignore[call-arg]
    words = text.split(" ")
    head, rest = " ".join(words[:2]), tuple(words[2:])
    if text in _PLAIN:
        return _PLAIN[text]()
    if head in _OF:
        return _OF[head](rest)
    raise ValueError(f"{text!r} is not a kind of answer")


def _formula(text: str) -> Formula:
    """A formula: its names as JSON, and the forms behind them."""
    try:
        declared, end = json.JSONDecoder().raw_decode(text)
        scope_of(declared)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(f"the names of a formula cannot be read: {error}") from None
    rest = text[end:]
    if rest and not rest.startswith(" as "):
        raise ValueError(f"the names of a formula are followed by {rest!r}")
    forms = rest.removeprefix(" as ").split(", ") if rest else []
    only = [form for form in forms if form.startswith("only ")]
    return Formula(
        "0",
        declared,
        form=tuple(form for form in forms if form not in only),
        only=tuple(name for form in only for name in form.split()[1:]),
    )


def _shape(text: str) -> tuple[int | None, ...]:
    if text == "exact number":
        return ()
    sizes = text.removeprefix("exact array ").split(" x ")
    shape = tuple(None if size == "any" else int(size) for size in sizes)
    if not all(size is None or 0 < size <= 100 for size in shape) or len(shape) > 2:
        raise ValueError(f"{text!r} is not a kind of answer")
    return shape


def _zeros(shape: tuple[int | None, ...]) -> Any:
    zeros: Any = 0
    for size in reversed(shape):
        zeros = [zeros] * (1 if size is None else size)
    return exact(zeros)
