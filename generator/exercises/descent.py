"""Programs that may or may not do a step of gradient descent on J(w, b).

A program is a tuple of assignments: `grad_w` evaluates dJ/dw at the w and b of that moment,
`down_w` takes the step w <- w - rate g_w with the value that was evaluated last, and `up_w` adds
it instead; the same for b.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.model.values import Vector

PROGRAMS = {
    "w_first": ("grad_w", "grad_b", "down_w", "down_b"),
    "b_first": ("grad_b", "grad_w", "down_b", "down_w"),
    "crossed": ("grad_w", "grad_b", "down_b", "down_w"),
    "w_then_b": ("grad_w", "down_w", "grad_b", "down_b"),
    "b_then_w": ("grad_b", "down_b", "grad_w", "down_w"),
    "uphill": ("grad_w", "grad_b", "up_w", "up_b"),
    "half_uphill": ("grad_w", "grad_b", "down_w", "up_b"),
}
SIMULTANEOUS = ("w_first", "b_first", "crossed")
SEQUENTIAL = ("w_then_b", "b_then_w")
UPHILL = ("uphill", "half_uphill")


def run(name: str, start: Vector, rate: float, gradient: Callable[[Vector], Vector]) -> Vector:
    """What a program of PROGRAMS makes of the parameters (w, b), (n + 1,), where gradient(w, b) is
    (dJ/dw, dJ/db)."""
    now = np.array(start, dtype=float)
    places = {"w": slice(0, len(now) - 1), "b": slice(len(now) - 1, len(now))}
    known = np.zeros_like(now)
    there: Vector | None = None  # the gradient at `now`
    for assignment in PROGRAMS[name]:
        action, letter = assignment.split("_")
        place = places[letter]
        if action == "grad":
            there = gradient(now) if there is None else there
            known[place] = there[place]
        else:
            there = None
            now[place] += (rate if action == "up" else -rate) * known[place]
    return now
