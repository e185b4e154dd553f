r"""Plots of functions of one variable, for black-and-white print.

    from generator.drawing.plots import Function, Polyline, Steps, plot

    plot(
        [
            Function(math.tanh, label=r"\tanh"),  # smooth: sampled as finely as paper shows
            Function(lambda z: max(0.0, z), label=r"\operatorname{ReLU}", stroke="thick dashed"),
            Polyline([(-3, 0), (0, 0), (3, 1.5)], label="f", stroke="thick dotted"),
            Steps([0], [0, 1], values=[1], label="H"),  # a dot at (0, 1), a ring at (0, 0)
        ],
        x=(-3, 3),
        y=(-1.5, 1.5),
        names=("z", "a"),
        asymptotes=[1, -1],
        alt="tanh, ReLU, f and the unit step on -3 <= z <= 3",
    )

A band shades what lies within `width` of a function: `bands=[Band(math.sin, 0.2)]`. Ticks are
chosen unless given, as numbers or with names: `xticks={math.pi: r"\pi"}`. What leaves the window
is cut off. The axes stand aside, so that a level 0 is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import count, pairwise
from math import ceil, floor, hypot, isfinite, log10
from typing import Any

from generator.drawing.collisions import label_size
from generator.drawing.lettering import text_size
from generator.drawing.placing import Wanted, beside, placed, rounded
from generator.model.figure import Figure, Item, Label, Mark, Path, Point, Stroke

Real = Any  # int, float or Fraction
Ticks = Sequence[Real] | Mapping[Any, str]
Line = tuple[Point, ...]
Window = tuple[float, float, float, float]  # left, right, bottom, top

_BEND = 0.004  # cm that a drawn curve may be off the true one
_FIRST, _DEPTH = 24, 7  # stretches a curve is cut into at first, and how often each is halved
_DOT = 0.17
_BETWEEN = 0.25  # cm between the numbers of an axis
_ASIDE = 0.15  # the axes stand so far from the window
_AROUND = (  # from a point to its name
    *((0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)),
    *((0, 1), (0, -1), (1, 0), (-1, 0)),
)
# From a curve to its name.
_ABOVE_OR_BELOW = ((-0.6, 0.8), (0, 1), (0.6, -0.8), (0, -1), (0.6, 0.8), (-0.6, -0.8))


@dataclass(frozen=True)
class Function:
    """A smooth or piecewise smooth function, over the whole window or from `start` to `end`."""

    of: Callable[[float], float]
    label: str = ""
    stroke: Stroke = "thick"
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Polyline:
    """Straight lines from point to point."""

    points: Sequence[tuple[Real, Real]]
    label: str = ""
    stroke: Stroke = "thick"


@dataclass(frozen=True)
class Steps:
    """Level `levels[k]` between the breaks k - 1 and k, as wide as the window.

    At break k the function takes `values[k]`, shown by a dot; a ring ends each other level there.
    """

    breaks: Sequence[Real]
    levels: Sequence[Real]
    values: Sequence[Real]
    label: str = ""
    stroke: Stroke = "thick"


@dataclass(frozen=True)
class Band:
    """The points at most `width` above or below a function."""

    of: Callable[[float], float]
    width: float


@dataclass(frozen=True)
class Spot:
    """A point, filled or open, with a name beside it."""

    at: tuple[Real, Real]
    label: str = ""
    open: bool = False


Curve = Function | Polyline | Steps


def plot(
    curves: Sequence[Curve],
    *,
    x: tuple[Real, Real],
    y: tuple[Real, Real],
    alt: str,
    names: tuple[str, str] = ("x", "y"),
    xticks: Ticks | None = None,
    yticks: Ticks | None = None,
    asymptotes: Iterable[Real] = (),
    bands: Iterable[Band] = (),
    points: Iterable[Spot] = (),
    width: float = 9.0,
    height: float = 4.5,
    grid: bool = True,
) -> Figure:
    """The curves over the window `x` by `y`, `width` by `height` centimetres without numbers.

    Asymptotes are dashed horizontal lines. A function's label stands at its right end or wherever
    nothing is in the way. `names` are those of the axes. Steps need a value at every break and one
    level more than breaks, else ValueError; so does a window without extent.
    """
    window = (float(x[0]), float(x[1]), float(y[0]), float(y[1]))
    left, right, bottom, top = window
    if not (left < right and bottom < top):
        raise ValueError(f"no plot from {left} to {right} by {bottom} to {top}")
    across, up = width / (right - left), height / (top - bottom)

    def at(px: Real, py: Real) -> Point:
        return _on_paper((float(px), float(py)), window, (across, up))

    xs, ys = _ticks(xticks, left, right, width, 0), _ticks(yticks, bottom, top, height, 1)
    columns = [(at(v, bottom)[0], name) for v, name in xs.items()]
    rows = [(at(left, v)[1], name) for v, name in ys.items()]
    items: list[Item] = [_shaded(band, window, at) for band in bands]
    items += _axes(columns, rows, names, width, height, grid)
    items += [Path((at(left, level), at(right, level)), "dashed") for level in asymptotes]

    named: list[tuple[str, list[Path]]] = []
    marks: list[Item] = []
    for curve in curves:
        pieces, ends = _traced(curve, window, (across, up))
        lines = [Path(piece, curve.stroke) for piece in pieces]
        items += lines
        marks += [Mark(at(*spot), "dot" if taken else "ring", _DOT) for spot, taken in ends]
        if curve.label and lines:
            named.append((curve.label, lines))
    wanted: list[Wanted] = []
    for spot in points:
        marks.append(Mark(at(*spot.at), "ring" if spot.open else "dot", _DOT))
        if spot.label:
            wanted.append(_by_point(at(*spot.at), spot.label))
    items += marks
    wanted += [_by_curve(label, lines, width) for label, lines in named]
    return Figure((*items, *placed(wanted, items)), alt)


def _axes(
    columns: Sequence[tuple[float, str]],
    rows: Sequence[tuple[float, str]],
    names: tuple[str, str],
    width: float,
    height: float,
    grid: bool,
) -> Iterator[Item]:
    """Grid, arrows, numbers and names of the axes, from the places of the ticks on paper."""
    low = -_ASIDE
    if grid:
        yield from (Path(((u, low), (u, height)), "grid") for u, _ in columns)
        yield from (Path(((low, v), (width, v)), "grid") for v, _ in rows)
    tip, peak = (width + 0.4, low), (low, height + 0.35)
    yield from (Path(((low, low), end), arrow=True) for end in (tip, peak))
    yield from (Label((u, low), number, "below", small=True) for u, number in columns)
    yield from (Label((low, v), number, "left", small=True) for v, number in rows)
    for end, name in zip((tip, peak), names, strict=True):
        yield Label(end, name, "right", small=True)


def _on_paper(point: Point, window: Window, scale: Point) -> Point:
    """Where a point is in a drawing whose window has its corner in the origin."""
    return rounded(((point[0] - window[0]) * scale[0], (point[1] - window[2]) * scale[1]))


def _traced(
    curve: Curve, window: Window, scale: Point
) -> tuple[Sequence[Line], list[tuple[tuple[Real, Real], bool]]]:
    """Lines in sight on the paper, and the ends marked: where on the axes, and whether taken."""
    left, right, *_ = window
    match curve:
        case Polyline():
            points = [(float(u), float(v)) for u, v in curve.points]
            return _in_sight([points], window, scale), []
        case Function():
            start = left if curve.start is None else max(left, float(curve.start))
            end = right if curve.end is None else min(right, float(curve.end))
            return _smooth(curve.of, start, end, window, scale), []
    if not len(curve.levels) - 1 == len(curve.breaks) == len(curve.values):
        raise ValueError("steps need a value at each break and one level more than breaks")
    edges = [left, *map(float, curve.breaks), right]
    pieces = [
        tuple(_on_paper((u, float(level)), window, scale) for u in (a, b))
        for (a, b), level in zip(pairwise(edges), curve.levels, strict=True)
        if a < b
    ]
    ends: list[tuple[tuple[Real, Real], bool]] = []
    for where, value, sides in zip(curve.breaks, curve.values, pairwise(curve.levels), strict=True):
        ends += [((where, level), False) for level in sorted(set(sides) - {value})]
        ends.append(((where, value), True))
    return pieces, ends


@lru_cache(maxsize=256)  # a function may be in several pictures, and on many sheets
def _smooth(
    of: Callable[[float], float], start: float, end: float, window: Window, scale: Point
) -> tuple[Line, ...]:
    return _in_sight(_sampled(of, start, end, scale, window), window, scale)


def _in_sight(runs: Sequence[list[Point]], window: Window, scale: Point) -> tuple[Line, ...]:
    return tuple(
        tuple(_on_paper(point, window, scale) for point in piece)
        for run in runs
        for piece in _cut(run, window)
    )


def _sampled(
    of: Callable[[float], float], start: float, end: float, scale: Point, window: Window
) -> list[list[tuple[float, float]]]:
    """Runs of points so dense that straight lines between them look like the curve.

    A run ends where the function has no finite value.
    """
    bottom, top = window[2], window[3]

    def value(u: float) -> float:
        try:
            return float(of(u))
        except (ValueError, ZeroDivisionError, OverflowError):
            return float("nan")

    def bends(a: Point, m: Point, b: Point) -> bool:
        """Whether the curve is off the chord at the middle, or at two uneven places, lest an
        inflection hides there."""
        rise, run = (b[1] - a[1]) * scale[1], (b[0] - a[0]) * scale[0]
        length = hypot(run, rise)
        for t in (0.5, 0.31, 0.73):
            u = a[0] + t * (b[0] - a[0])
            found = m[1] if u == m[0] else value(u)
            chord = a[1] + t * (b[1] - a[1])
            if abs(found - chord) * scale[1] * run / length > _BEND:
                return True
        return False

    def refined(a: Point, b: Point, depth: int) -> list[Point]:
        """The points after `a` up to `b`."""
        middle = (a[0] + b[0]) / 2
        m = (middle, value(middle))
        outside = max(a[1], b[1], m[1]) < bottom or min(a[1], b[1], m[1]) > top
        finite = isfinite(a[1]) and isfinite(m[1]) and isfinite(b[1])
        if depth == 0 or outside or not finite or not bends(a, m, b):
            return [b]
        return [*refined(a, m, depth - 1), *refined(m, b, depth - 1)]

    knots = [start + (end - start) * k / _FIRST for k in range(_FIRST + 1)]
    points = [(u, value(u)) for u in knots]
    fine = [points[0]]
    for a, b in pairwise(points):
        fine += refined(a, b, _DEPTH)
    runs: list[list[Point]] = [[]]
    for point in fine:
        if isfinite(point[1]):
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [_thinned(run, scale) for run in runs if len(run) > 1]


def _thinned(run: list[Point], scale: Point) -> list[Point]:
    """Without points on the straight line between their neighbours."""
    kept = [run[0]]
    for place in range(1, len(run) - 1):
        (a, b), (c, d), (e, f) = kept[-1], run[place], run[place + 1]
        chord = b + (f - b) * (c - a) / (e - a)
        if abs(d - chord) * scale[1] > _BEND / 8:
            kept.append(run[place])
    return [*kept, run[-1]]


def _cut(run: list[Point], window: Window) -> list[list[Point]]:
    """What of a line is inside the window."""
    left, right, bottom, top = window
    if len(run) > 1 and all(left <= x <= right and bottom <= y <= top for x, y in run):
        return [run]  # as most is
    pieces: list[list[Point]] = []
    for a, b in pairwise(run):
        part = _clipped(a, b, window)
        if part is None:
            continue
        if pieces and pieces[-1][-1] == part[0]:
            pieces[-1].append(part[1])
        else:
            pieces.append(list(part))
    return pieces


def _clipped(a: Point, b: Point, window: Window) -> tuple[Point, Point] | None:
    enter, leave = 0.0, 1.0
    for axis, low, high in ((0, window[0], window[1]), (1, window[2], window[3])):
        run = b[axis] - a[axis]
        if run == 0:
            if not low <= a[axis] <= high:
                return None
            continue
        ends = sorted(((low - a[axis]) / run, (high - a[axis]) / run))
        enter, leave = max(enter, ends[0]), min(leave, ends[1])
    if enter >= leave:
        return None

    def on(t: float) -> Point:
        if t in (0.0, 1.0):
            return b if t else a
        return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])

    return on(enter), on(leave)


def _shaded(band: Band, window: Window, at: Callable[[Real, Real], Point]) -> Path:
    left, right, bottom, top = window
    places = [left + (right - left) * k / 96 for k in range(97)]
    levels = [band.of(u) for u in places]
    upper = [(u, min(v + band.width, top)) for u, v in zip(places, levels, strict=True)]
    lower = [(u, max(v - band.width, bottom)) for u, v in zip(places, levels, strict=True)][::-1]
    corners = tuple(at(u, min(max(v, bottom), top)) for u, v in [*upper, *lower])
    return Path(corners, "none", closed=True, fill="light")


def _ticks(
    given: Ticks | None, low: float, high: float, length: float, axis: int
) -> dict[float, str]:
    """Place and name of each tick: as given, or as many round numbers as have room on the axis."""
    if isinstance(given, Mapping):
        return {float(place): name for place, name in given.items()}
    if given is not None:
        return {float(place): _number(place) for place in given}
    return _round_ticks(low, high, length, axis)


@lru_cache(maxsize=1024)  # pictures side by side have one window
def _round_ticks(low: float, high: float, length: float, axis: int) -> dict[float, str]:
    power = floor(log10(high - low)) - 2
    steps = (base * Fraction(10) ** k for k in count(power) for base in (1, 2, 5))
    for step in steps:
        if float(step) * length / (high - low) < _BETWEEN:
            continue
        whole = range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
        ticks = {float(k * step): _number(k * step) for k in whole}
        room = max((text_size(name, True)[axis] for name in ticks.values()), default=0.0)
        if float(step) * length / (high - low) >= room + _BETWEEN:
            return ticks
    raise AssertionError("steps never end")


def _number(value: Real) -> str:
    """A decimal that ends within three places, else a fraction."""
    exact = Fraction(value) if not isinstance(value, float) else Fraction(str(value))
    if (exact * 1000).denominator == 1:
        return f"{float(exact):.3f}".rstrip("0").rstrip(".")
    sign = "-" if exact < 0 else ""
    return rf"{sign}\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"


def _by_point(at: Point, text: str) -> Wanted:
    size, reaches = label_size(text, True), (_DOT / 2 + 0.05, _DOT / 2 + 0.2)
    places = (beside(at, way, reach, size) for reach in reaches for way in _AROUND)
    return Wanted(text, places)


def _by_curve(text: str, lines: list[Path], width: float) -> Wanted:
    """After the right end of a curve that ends at the window's side, else above or below it."""
    return Wanted(text, _places_by_curve(label_size(text, True), lines, width))


def _places_by_curve(size: tuple[float, float], lines: list[Path], width: float) -> Iterator[Point]:
    points = [point for line in lines for point in line.points]
    end = max(points, key=lambda point: point[0])
    after = end[0] > width - 0.05
    if after:
        x = end[0] + 0.1 + size[0] / 2
        yield from ((x, round(end[1] + lift, 3)) for lift in (0.0, 0.15, -0.15, 0.3, -0.3))
    shares = (0.94, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.06)
    spots = [spot for share in shares if (spot := _spot_at(share * width, lines))]
    ways = _ABOVE_OR_BELOW if after or spots else _ABOVE_OR_BELOW[1:2]
    yield from (beside(spot, way, 0.12, size) for spot in spots or [end] for way in ways)


def _spot_at(x: float, lines: list[Path]) -> Point | None:
    for line in lines:
        for (a, b), (c, d) in pairwise(line.points):
            if a <= x <= c and a < c:
                return x, b + (d - b) * (x - a) / (c - a)
    return None
