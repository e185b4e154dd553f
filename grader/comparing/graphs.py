"""Edge lists: the same edges in any order."""

from __future__ import annotations

from generator.model.answers import Edges
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong


def compare_edges(truth: Edges, value: frozenset[tuple[str, str]]) -> Comparison:
    """The evidence names the student's own edges that do not belong, and counts what is missing."""
    if value == truth.value:
        return RIGHT
    if value == frozenset((end, start) for start, end in truth.value):
        return wrong("every edge is reversed")
    extra = sorted(value - truth.value)
    missing = len(truth.value - value)
    reasons = []
    if extra:
        named = ", ".join(f"{start}->{end}" for start, end in extra[:3])
        more = f" and {len(extra) - 3} more" if len(extra) > 3 else ""
        reasons.append(f"not in the graph: {named}{more}")
    if missing:
        reasons.append(f"{counted(missing, 'edge')} {'is' if missing == 1 else 'are'} missing")
    return wrong("; ".join(reasons))
