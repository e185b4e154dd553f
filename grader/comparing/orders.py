"""Orders: every option in its place."""

from __future__ import annotations

from generator.model.answers import Order
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
