"""Finite sets and intervals of numbers. Beside a semicolon, a comma is a decimal comma."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Ends
from generator.notation.expressions import Reader
from generator.notation.limits import ENTRIES

_INFINITE = {"inf", "infinity", "oo"}


def read_set(text: str) -> frozenset[Fraction | float]:
    """The numbers in {1, 2}, or without braces; {} and `none` are the empty set.

    >>> sorted(read_set("{1/2, 2, 0.5}"))
    [Fraction(1, 2), Fraction(2, 1)]
    """
    reader = _reader(text)
    if reader.token.text == "none":
        reader.take()
        reader.finish()
        return frozenset()
    braces = reader.sees("{")
    if braces:
        reader.take()
    members: list[Fraction | float] = []
    while not (reader.sees("}") if braces else reader.token.kind == "end"):
        members.append(reader.plain(reader.sum()))
        if len(members) > ENTRIES:
            raise reader.refusal(f"a set has at most {ENTRIES:,} members here")
        if not reader.sees(",", ";"):
            break
        reader.take()
    if braces:
        reader.expect("}")
    elif not members:
        raise reader.refusal("there is no number: the empty set is {}")
    reader.finish()
    return frozenset(members)


def read_interval(text: str) -> Ends:
    """The interval [0, 1), ]0, 1], (-inf, 2]; `R` is the whole line. Ends are in order.

    >>> read_interval("(-inf, 2]")
    Ends(low=None, high=Fraction(2, 1), low_belongs=False, high_belongs=True)
    """
    reader = _reader(text)
    if reader.token.text == "R" and reader.tokens[reader.place + 1].kind == "end":
        return Ends(None, None, low_belongs=False, high_belongs=False)
    if not reader.sees("[", "(", "]"):
        raise reader.refusal("an interval is written with its two ends: [0, 1) or (-inf, 2]")
    opening = reader.take()
    low = _end(reader, "-")
    if not reader.sees(",", ";"):
        raise reader.refusal("a comma is missing between the two ends")
    reader.take()
    high = _end(reader, "+")
    if not reader.sees("]", ")", "["):
        raise reader.refusal("the bracket at the upper end is missing: ) without it, ] with it")
    closing = reader.take()
    reader.finish()
    ends = Ends(low, high, opening.text == "[", closing.text == "]")
    if (low is None and ends.low_belongs) or (high is None and ends.high_belongs):
        at = opening.at if low is None and ends.low_belongs else closing.at
        raise reader.refusal("infinity is not a number: a round bracket belongs there", at)
    if low is not None and high is not None:
        if low > high:
            raise reader.refusal("the lower end comes first", opening.at)
        if low == high and not (ends.low_belongs and ends.high_belongs):
            raise reader.refusal("this interval is empty", opening.at)
    return ends


def _reader(text: str) -> Reader:
    reader = Reader(text, comma="separates")
    reader.decimal_comma = any(token.text == ";" for token in reader.tokens)
    return reader


def _end(reader: Reader, sign: str) -> Fraction | float | None:
    """One end; None is infinity, which has the given sign."""
    signed = reader.sees("+", "-")
    name = reader.tokens[reader.place + signed]
    if name.text.lower() not in _INFINITE:
        return reader.plain(reader.sum())
    found = reader.take().text if signed else "+"
    if found != sign:
        raise reader.refusal("the lower end is -inf, the upper end inf", name.at)
    reader.take()
    return None
