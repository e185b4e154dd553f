"""Orders: every option in its place, or behind all that must come before it."""

from __future__ import annotations

from generator.model.answers import Order, PartialOrder
from grader.comparing.comparison import RIGHT, Comparison, wrong


def compare_orders(truth: Order, value: tuple[str, ...]) -> Comparison:
    """The evidence is the first place that is wrong."""
    if value == truth.value:
        return RIGHT
    if len(value) != len(truth.value):
        return wrong(f"all {len(truth.value)} are to be put in order")
    places = tuple((i,) for i, (t, v) in enumerate(zip(truth.value, value, strict=True)) if t != v)
    if value == truth.value[::-1]:
        return wrong("this is the reverse order", places=places)
    return wrong(
        f"the order is right up to place {places[0][0]}, but not beyond"
        if places[0][0]
        else "the first place is already wrong",
        places=places,
    )


def compare_partial_orders(truth: PartialOrder, value: tuple[str, ...]) -> Comparison:
    """The evidence is the first place at which something is missing that must come before."""
    if truth.near(value):
        return RIGHT
    if truth.keeps(value[::-1]):
        return wrong("this is a right order, but reversed")
    for place, key in enumerate(value):
        if any(then == key and first not in value[:place] for first, then in truth.before):
            start = f"right up to place {place}, but " if place else ""
            problem = f"what stands at place {place + 1} comes too early"
            return wrong(start + problem, places=((place,),))
    return wrong(f"all {len(truth.options)} are to be put in order")
