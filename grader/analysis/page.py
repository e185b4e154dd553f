"""The page that shows an analysis to a teacher."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from grader import pages
from grader.analysis import plots
from grader.analysis.analysing import OUTCOMES, Analysis
from grader.analysis.statistics import Statistic
from grader.reports import plural

_MISTAKES = 40


def page(analysis: Analysis) -> str:
    """One self-contained HTML file: no student is named in it."""
    drawn = {}
    if analysis.reports:
        drawn["marks"] = plots.histogram(analysis)
    if analysis.parts:
        drawn["outcomes"] = plots.outcomes(analysis)
        drawn["landscape"] = plots.landscape(analysis)
    if analysis.times:
        drawn["times"] = plots.timeline(analysis)
    return pages.render(
        "class.html.j2",
        {
            "analysis": analysis,
            "plots": {name: Markup(svg) for name, svg in drawn.items()},
            "outcomes": OUTCOMES,
            "times": plots.by_time(analysis.times),
            "mistakes": analysis.mistakes[:_MISTAKES],
            "more_mistakes": max(0, len(analysis.mistakes) - _MISTAKES),
            "uncomputed": _uncomputed(analysis),
            "percent": percent,
            "share": share,
            "amount": amount,
            "plural": plural,
            "hints": _hints(analysis),
            "asked": {(part.slot, part.part): part.asked for part in analysis.parts},
        },
        script="tables.js",
    )


def _hints(analysis: Analysis) -> list[tuple[str, list[str]]]:
    """Each hint once, with the parts that it is given for."""
    found: dict[str, list[str]] = {}
    for part in analysis.parts:
        for hint in part.hints:
            found.setdefault(hint, []).append(part.name)
    return list(found.items())


def percent(statistic: Statistic) -> str:
    """A share in per cent to one decimal, or a dash."""
    return "–" if statistic.value is None else share(statistic.value)


def share(value: float) -> str:
    return _signed(f"{100 * value:.1f}")


def amount(statistic: Statistic) -> str:
    """A number to two decimals, or a dash."""
    return "–" if statistic.value is None else _signed(f"{statistic.value:.2f}")


def _signed(number: str) -> str:
    return number.lstrip("-") if not number.strip("-0.") else number.replace("-", "−")


def _uncomputed(analysis: Analysis) -> list[str]:
    """Why there are dashes, each reason once with how many numbers it concerns."""
    reasons: Counter[str] = Counter()
    for part in analysis.parts:
        found = part.statistics
        for each in (
            found.facility,
            found.sd,
            found.discrimination,
            found.efficiency,
            found.upper_lower,
            part.effective_weight,
        ):
            if each.value is None:
                reasons[each.why] += 1
    return [f"{why} ({plural(count, 'number')})" for why, count in sorted(reasons.items())]
