"""Plots of an analysis as SVG inside a page: they take its colours, and need no other file.

Text stays text, black becomes the colour of the text around, and what differs in meaning differs in
pattern or place, so that a plot can be read without colour and in the dark. The same analysis gives
the same bytes. Every plot says in words what it shows; the numbers stand in tables beside it.
"""

from __future__ import annotations

import io
import math
import re
import statistics
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from grader.analysis.analysing import Analysis, Moment
from grader.reports import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_INK = "#000000"  # becomes the colour of the text
_FILL = "#4477aa"  # reads on white and on black
_WIDTH = 6.2  # inches
_LETTER = 1.5  # per cent of a landscape's width that a letter takes
_LINES = 17  # of text that have room in a landscape
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "hatch.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# What a bar of outcomes is made of: the words, which outcomes, how filled.
_STACK: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    ("full marks", ("CORRECT", "FOLLOWED"), {"facecolor": _FILL}),
    ("partly right", ("PARTIAL",), {"facecolor": "none", "hatch": "////"}),
    ("not right", ("INCORRECT",), {"facecolor": "none", "hatch": ".."}),
    ("no answer", ("BLANK",), {"facecolor": "none"}),
    ("for a person", ("UNREADABLE", "UNDECIDED"), {"facecolor": "none", "hatch": "xxxx"}),
)


def histogram(analysis: Analysis) -> str:
    """How many sheets earned which share of the points, with the pass mark if there is one."""
    from matplotlib.ticker import MaxNLocator

    with _figure(2.6) as (figure, axes):
        bins = analysis.histogram
        lows = [100 * each.low for each in bins]
        width = 100 / len(bins)
        bars = axes.bar(
            lows, [each.count for each in bins], width, align="edge", color=_FILL, edgecolor=_INK
        )
        axes.bar_label(bars, [str(each.count or "") for each in bins], padding=2, fontsize=9)
        axes.set_xlim(0, 100)
        axes.set_xlabel("share of the points in %")
        axes.set_ylabel("submissions")
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        if analysis.pass_share is not None:
            axes.axvline(100 * analysis.pass_share, color=_INK, linestyle="--", linewidth=1.2)
            axes.annotate(
                "pass mark",
                (100 * analysis.pass_share, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
            )
        told = f"Histogram of the marks of {plural(analysis.reports, 'submission')}."
        return _svg(figure, "marks", told)


def outcomes(analysis: Analysis) -> str:
    """Of each part, how many answers ended how, as shares of those who were asked."""
    parts = analysis.parts
    with _figure(0.9 + 0.26 * len(parts)) as (figure, axes):
        places = range(len(parts))
        left = [0.0] * len(parts)
        for words, which, look in _STACK:
            shares = [100 * sum(p.outcomes[o] for o in which) / max(1, p.asked) for p in parts]
            bars = axes.barh(places, shares, 0.72, left, label=words, edgecolor=_INK, **look)
            for bar in bars:
                bar.set_linewidth(0.6)
            left = [done + share for done, share in zip(left, shares, strict=True)]
        axes.set_yticks(places, [str(place + 1) for place in places])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_ylim(len(parts) - 0.4, -0.6)
        axes.set_xlabel("share of the answers in %")
        axes.set_ylabel("part (number in the table)")
        figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=9)
        return _svg(figure, "outcomes", "Bars of the outcomes of each part, numbered as below.")


def landscape(analysis: Analysis) -> str:
    """Every part by its facility and its discrimination, each numbered as in the table."""
    shown = list(_placed(analysis))
    with _figure(3.9) as (figure, axes):
        axes.axhline(0, color=_INK, linewidth=0.8)
        axes.axhline(20, color=_INK, linewidth=0.8, linestyle=":")
        for bound in (20, 90):
            axes.axvline(bound, color=_INK, linewidth=0.8, linestyle=":")
        heights = [0.0, 40.0, *(index for _, _, index in shown)]
        line = (max(heights) - min(heights)) / _LINES
        labelled = list(_labelled(shown, line))
        heights += [height for _, _, (_, height) in labelled]
        for label, point, place in labelled:
            axes.plot(*zip(point, place, strict=True), color=_INK, linewidth=0.4)
            axes.plot(*point, "o", color=_FILL, markersize=3)
            axes.text(*place, label, ha="center", va="center", fontsize=9)
        axes.set_xlim(0, 102)
        axes.set_ylim(min(heights) - line, max(heights) + line)
        axes.set_xlabel("facility in % (easy parts to the right)")
        axes.set_ylabel("discrimination in %")
        told = "Parts by facility and discrimination; dotted lines are where a hint begins."
        return _svg(figure, "landscape", told)


def _placed(analysis: Analysis) -> Iterator[tuple[str, float, float]]:
    """Where each part stands; parts that stand in one place share one label."""
    places: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
    for number, part in enumerate(analysis.parts, start=1):
        facility, index = part.statistics.facility.value, part.statistics.discrimination.value
        if facility is not None and index is not None:
            cell = round(facility * 50), round(index * 50)
            places.setdefault(cell, []).append((number, 100 * facility, 100 * index))
    for those in places.values():
        numbers, facilities, indices = zip(*those, strict=True)
        yield ", ".join(map(str, numbers)), statistics.mean(facilities), statistics.mean(indices)


def _labelled(
    shown: list[tuple[str, float, float]], line: float
) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Each label with its point and its own place: the nearest to the point, above or below it,
    that no other label takes. `line` is the height of a line of text."""
    taken: list[tuple[float, float, float]] = []  # left, right, middle
    for label, x, y in sorted(shown, key=lambda each: (-each[2], each[1])):
        half = (len(label) + 1) * _LETTER / 2
        middle = min(max(x, half), 102 - half)
        beside = [at for left, right, at in taken if left < middle + half and middle - half < right]
        free = (
            y + sign * (0.9 + step / 2) * line
            for step in range(2 * _LINES)
            for sign in (1, -1)
            if all(abs(y + sign * (0.9 + step / 2) * line - at) >= line for at in beside)
        )
        height = next(free, y)
        taken.append((middle - half, middle + half, height))
        yield label, (x, y), (middle, height)


def timeline(analysis: Analysis) -> str:
    """Submissions by hour, or by day where they span more than three."""
    from matplotlib.ticker import MaxNLocator

    bars = by_time(analysis.times)
    with _figure(2.2) as (figure, axes):
        axes.bar(range(len(bars)), [count for _, count in bars], 0.9, color=_FILL, edgecolor=_INK)
        step = math.ceil(len(bars) / 8)
        axes.set_xticks(
            range(0, len(bars), step), [_in_two_lines(words) for words, _ in bars[::step]]
        )
        axes.set_ylabel("submissions")
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        return _svg(figure, "times", "When submissions came in; the numbers are in the table.")


def _in_two_lines(words: str) -> str:
    """11-20 above 18:00, or 2026 above 11-20."""
    return words.replace(" ", "\n") if " " in words else words.replace("-", "\n", 1)


def by_time(times: tuple[Moment, ...]) -> list[tuple[str, int]]:
    """Counts by hour or day, in UTC, from the first to the last without gaps; of long spans, the
    last sixty days, and all before them as one."""
    if not times:
        return []
    first, last = times[0].at, times[-1].at
    daily = last - first > timedelta(days=3)
    step, words = (timedelta(days=1), "%Y-%m-%d") if daily else (timedelta(hours=1), "%m-%d %H:00")
    start = first.replace(hour=0) if daily else first
    counts = [0] * ((last - start) // step + 1)
    for each in times:
        counts[(each.at - start) // step] += each.count
    bars = [((start + place * step).strftime(words), count) for place, count in enumerate(counts)]
    if len(bars) <= 73:
        return bars
    return [("before", sum(count for _, count in bars[:-60])), *bars[-60:]]


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, Axes]]:
    """An empty figure with one pair of axes; no state of matplotlib outlives it."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        yield figure, figure.add_subplot()


def _svg(figure: Figure, name: str, told: str) -> str:
    """The figure as an element of a page. `told` says in words what it shows."""
    import matplotlib as mpl

    mpl.rcParams["svg.hashsalt"] = name  # names in the file come from their content and this
    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing, transparent=True)
    root = ElementTree.fromstring(file.getvalue())
    used = set(re.findall(r"[#(]#?([\w.-]+)", " ".join(_references(root))))
    _visit(root, lambda element: _as_part_of_a_page(element, used))
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"role": "img", "class": "plot", "fill": "currentColor", "aria-label": told}
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if "url(" in value or name == _LINK:
                yield value


def _as_part_of_a_page(element: ElementTree.Element, used: set[str]) -> None:
    """Without what would act on the page around: style sheets, names, styles and fonts."""
    for child in list(element):
        if child.tag == f"{{{_SVG}}}style":
            element.remove(child)
    if element.get("id") not in used:
        element.attrib.pop("id", None)
    if link := element.attrib.pop(_LINK, None):
        element.set("href", link)
    for declaration in element.attrib.pop("style", "").split(";"):
        attribute, _, value = declaration.partition(":")
        if attribute.strip() and attribute.strip() != "font-family":
            element.set(attribute.strip(), value.strip())
    for attribute in ("fill", "stroke"):
        if element.get(attribute) == _INK:
            element.set(attribute, "currentColor")


def _visit(element: ElementTree.Element, change: Callable[[Any], None]) -> None:
    change(element)
    for child in element:
        _visit(child, change)
