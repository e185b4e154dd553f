"""Values to LaTeX: the inside of a formula, without dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Ends,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    Shape,
    Tolerance,
    Witness,
    labels,
)
from generator.model.form import FIGURES, Form, counted
from generator.model.values import Tex, decimals
from generator.notation.form import write_in
from generator.notation.formulas import printing as formulas
from generator.notation.formulas.written import tree_of
from generator.rendering.escaping import escape

_TRUTHS = bool | np.bool_
_FLOATS = float | np.floating
_NUMBERS = int | float | Fraction | np.integer | np.floating
_DECIMALS = re.compile(r"\.([0-9]+)$")
PLACES = 4  # a fraction that ends within so many decimals is written as a decimal


def latex(value: Any) -> Tex:
    """A number, array or text as LaTeX: what `<< value >>` prints.

    Raises TypeError for what has no obvious look (None, a truth value, a tuple, ...).
    """
    kind = type(value)
    if kind is Tex:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return escape(value)
    if kind is int:
        return Tex(value)
    if kind is Fraction:
        return _exact(value)
    if hasattr(value, "__html__"):
        return Tex(value.__html__())
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, np.ndarray) and value.ndim:
        return matrix(value) if value.ndim == 2 else column(value)
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, _TRUTHS) or not isinstance(value, _NUMBERS):
        raise TypeError(f"{value!r} is not a number, an array or text: choose a filter for it")
    if isinstance(value, _FLOATS):
        return _approximate(float(value))
    return _exact(value if isinstance(value, Fraction) else Fraction(int(value)))


def _exact(value: Fraction) -> Tex:
    return _ratio(*value.as_integer_ratio())


@lru_cache(maxsize=4096)  # a class has much the same numbers
def _ratio(numerator: int, denominator: int) -> Tex:
    if denominator == 1:
        return Tex(numerator)
    value = Fraction(numerator, denominator)
    written: Tex = _decimal(value) if _ends(value) else frac(value)
    return written


def frac(value: Any) -> Any:
    r"""`\frac{p}{q}`, never a decimal; entry by entry for an array.

    >>> frac(Fraction(-1, 8))
    '-\\frac{1}{8}'
    """
    if isinstance(value, np.ndarray):
        return _entrywise(frac, value)
    exact = Fraction(value)
    if exact.denominator == 1:
        return Tex(exact.numerator)
    sign = "-" if exact < 0 else ""
    return Tex(rf"{sign}\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}")


def dec(value: Any, places: int) -> Any:
    """The value rounded to `places` decimals, all of them written; entry by entry for an array.

    >>> dec(Fraction(-1, 8), 2)
    '-0.13'
    """
    if isinstance(value, np.ndarray):
        return _entrywise(lambda entry: dec(entry, places), value)
    return Tex(f"{_fixed(decimals(_written(value), places), places)}")


def column(values: Iterable[Any]) -> Tex:
    """A vector as a column."""
    return _bmatrix([[entry] for entry in values])


def row(values: Iterable[Any]) -> Tex:
    r"""A vector on one line: `(1,\ 2)`."""
    entries = r",\ ".join(_alike(list(values)))
    return Tex(rf"\left({entries}\right)" if r"\frac" in entries else f"({entries})")


def matrix(rows: Iterable[Iterable[Any]]) -> Tex:
    """A matrix, from its rows."""
    return _bmatrix([list(each) for each in rows])


def signed(value: Any) -> Tex:
    """A number with its sign and a space, to follow another term: `+ 3`, `- 3`."""
    return Tex(" ".join(_sign_and_size(value)))


def affine(coefficients: Iterable[Any], names: Sequence[str], constant: Any = 0) -> Tex:
    """`2x - y + 3` from coefficients, the LaTeX of the names, and a constant."""
    terms = []
    for coefficient, name in zip(coefficients, names, strict=True):
        sign, size = _sign_and_size(coefficient)
        if size != "0":
            factor = "" if size == "1" else f"{size} " if name.startswith("\\") else size
            terms.append((sign, f"{factor}{name}"))
    sign, size = _sign_and_size(constant)
    if size != "0" or not terms:
        terms.append((sign, size))
    (sign, first), *rest = terms
    opening = f"-{first}" if sign == "-" else first
    return Tex(" ".join([opening, *(f"{sign} {term}" for sign, term in rest)]))


def _sign_and_size(value: Any) -> tuple[str, str]:
    text = latex(value)
    return ("-", text[1:]) if text.startswith("-") else ("+", text)


def shape(sizes: Iterable[int | str]) -> Tex:
    r"""The size of an array: `3 \times 4`."""
    return Tex(r" \times ".join(str(size) for size in sizes))


@lru_cache(maxsize=2048)  # solutions and the instructor's list show it, a batch apart
def answer(truth: Answer) -> Tex:
    """The true answer to a part as LaTeX mathematics."""
    value = truth.value
    match truth:
        case Number(forms=(Form(digits=digits), *_)) if digits:
            return Tex(write_in(value, truth.forms))
        case Number(tolerance=Tolerance(significant=count)) if count and not _short(value):
            return Tex(write_in(value, [Form.of(counted(count, FIGURES))]))
        case Number() if _short(value) and 10 % value.denominator and value.denominator < 100:
            return Tex(f"{frac(value)} = {latex(value)}")
        case Array():
            return _array(value)
        case Shape():
            return shape(value)
        case Choice(options=options) | Order(options=options):
            label = dict(zip(options, labels(options), strict=True))
            keys = value if isinstance(truth, Order) else sorted(value, key=options.index)
            return Tex(r",\ ".join(rf"\text{{{label[key]}}}" for key in keys))
        case Witness():
            return _listed({name: _array(entries) for name, entries in value.items()})
        case Group(members=members):
            return _listed({name: answer(member) for name, member in members.items()})
        case Interval():
            return _interval(value)
        case FiniteSet():
            return Tex(r"\{" + r",\ ".join(latex(each) for each in sorted(value)) + r"\}")
        case Formula():
            return Tex(formulas.latex(tree_of(value, truth.names)))
    if truth.kind == "edges":
        # In braces, so that a line breaks between two edges only.
        pairs = (rf"{{\text{{{escape(a)}}} \to \text{{{escape(b)}}}}}" for a, b in sorted(value))
        return Tex(r",\ \allowbreak ".join(pairs))
    return latex(value)


FILTERS: dict[str, Callable[..., Any]] = {
    "column": column,
    "row": row,
    "matrix": matrix,
    "frac": frac,
    "dec": dec,
    "signed": signed,
    "affine": affine,
    "shape": shape,
}


def _listed(items: dict[str, Tex]) -> Tex:
    """`W1 = ..., b1 = ...`, where a line may break between two items."""
    equations = (rf"\texttt{{{escape(name)}}} = {item}" for name, item in items.items())
    return Tex(r",\quad \allowbreak ".join(equations))


def _array(values: Any) -> Tex:
    """An array as people would type it: a vector on one line."""
    return row(values) if values.ndim == 1 else latex(values)


def _interval(ends: Ends) -> Tex:
    low = r"-\infty" if ends.low is None else latex(ends.low)
    high = r"\infty" if ends.high is None else latex(ends.high)
    opening = "[" if ends.low_belongs else "("
    return Tex(rf"{opening}{low},\ {high}{']' if ends.high_belongs else ')'}")


def _bmatrix(rows: list[list[Any]]) -> Tex:
    cells = iter(_alike([entry for each in rows for entry in each]))
    lines = [" & ".join(next(cells) for _ in each) for each in rows]
    # Fractions on neighbouring lines would touch.
    inside = r" \\ ".join(lines)
    if r"\frac" in inside:
        inside = r" \\[3pt] ".join(lines)
    return Tex(rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}")


def _alike(entries: list[Any]) -> list[Tex]:
    """The entries of one array: no decimals beside a fraction, and rounded numbers with as many
    decimals as each other."""
    shown = [latex(each) for each in entries]
    if "frac" in " ".join(shown):
        pairs = zip(entries, shown, strict=True)
        return [frac(each) if isinstance(each, Fraction) else text for each, text in pairs]
    if not any(issubclass(kind, float) for kind in set(map(type, entries))):
        return shown
    pairs = zip(entries, shown, strict=True)
    rounded = [_DECIMALS.search(text) if isinstance(each, float) else None for each, text in pairs]
    most = max((len(found[1]) for found in rounded if found), default=0)
    if most < PLACES:
        return shown
    return [
        Tex(text + "0" * (most - len(found[1]))) if found else text
        for text, found in zip(shown, rounded, strict=True)
    ]


def _entrywise(function: Callable[[Any], Tex], values: Any) -> Any:
    result = np.empty(values.shape, dtype=object)
    for place, entry in enumerate(values.flat):
        result.flat[place] = function(entry)
    return result


def _short(value: Fraction | float) -> bool:
    """Whether a number is a fraction that ends within four decimals."""
    return isinstance(value, Fraction) and _ends(value)


def _ends(value: Fraction) -> bool:
    return bool(10**PLACES % value.denominator == 0)


def _decimal(value: Fraction) -> Tex:
    text = _fixed(value, PLACES)
    return Tex(text.rstrip("0").rstrip("."))


def _fixed(value: Fraction, places: int) -> str:
    """Exactly `places` decimals of a number that has no more."""
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{'-' if value < 0 else ''}{whole}{'.' if places else ''}{rest}"


def _written(value: Fraction | float) -> Fraction:
    """A float as the short decimal that stands for it, whose halves are seen; others exactly."""
    return Fraction(repr(float(value))) if isinstance(value, _FLOATS) else Fraction(value)


def _approximate(value: float) -> Tex:
    """A float to four decimals, or in powers of ten where that would show nothing of it."""
    if value == 0 or 5e-4 <= abs(value) < 1e7:
        return _decimal(decimals(_written(value), PLACES))
    digits, power = f"{value:.3e}".split("e")
    return Tex(rf"{digits.rstrip('0').rstrip('.')} \cdot 10^{{{int(power)}}}")
