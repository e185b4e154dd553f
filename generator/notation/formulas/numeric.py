"""The functions of the answer language on arrays of floats, many points at once.

An array is (P, rows, columns); a scalar may be a plain numpy float. Where a function has no real
value, or one too large for a float, its value is nan. None of these depends on another point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any  # an array of floats, or one numpy float

_LEAKY_SLOPE = np.float64(0.01)
_POLE = 1e-15  # |cos x| below this is the pole of tan, met as nearly as floats can
_SINGULAR = 1e13  # condition of a matrix beyond which floats hold no inverse
_WHOLE = 2.0**53
_FACTORIALS = np.array([float(math.factorial(n)) for n in range(171)])
# Lanczos' approximation of the gamma function with g = 7 (Godfrey's coefficients)
_LANCZOS = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)


def finite(x: Array) -> Array:
    """The same, with nan for an infinity."""
    return x + (x - x)


def divide(left: Array, right: Array) -> Array:
    return finite(left / right)


def power(base: Array, exponent: Array) -> Array:
    """Real powers: nan for 0^0, for 0^negative, and for a negative base unless the exponent is
    whole."""
    result = finite(np.power(base, exponent))
    undefined = (base == 0) & (exponent == 0)
    return np.where(undefined, np.nan, result) if undefined.any() else result


def root(x: Array, degree: Array) -> Array:
    """The root of whole odd degree is real for a negative x, too."""
    odd = np.fmod(degree, 2.0)
    odd = (odd == 1) | (odd == -1)
    size = np.where(odd, np.abs(x), x)
    return np.where(odd, np.sign(x), 1.0) * power(size, divide(1.0, degree))


def log(x: Array, base: Array | None = None) -> Array:
    natural = finite(np.log(x))
    return natural if base is None else divide(natural, np.log(base))


def tan(x: Array) -> Array:
    return np.where(np.abs(np.cos(x)) < _POLE, np.nan, np.tan(x))


def acot(x: Array) -> Array:
    return np.where(x == 0, np.pi / 2, np.arctan(1 / x))


def sigmoid(x: Array) -> Array:
    return np.exp(-np.logaddexp(0.0, -x))


def sigmoid_slope(x: Array) -> Array:
    return np.exp(-np.logaddexp(0.0, -x) - np.logaddexp(0.0, x))


def leaky_relu(x: Array, slope: Array = _LEAKY_SLOPE) -> Array:
    return np.maximum(x, 0.0) + slope * np.minimum(x, 0.0)


def softmax(x: Array) -> Array:
    """Of a column or a row; the largest entry is taken off first."""
    powers = np.exp(x - largest(x))
    return powers / total(powers)


def factorial(x: Array) -> Array:
    """Γ(x + 1): nan at the negative whole numbers."""
    x = np.asarray(x)
    sign, size = _log_gamma(x + 1.0)
    value = finite(sign * np.exp(size))
    whole = (x >= 0) & (x <= 170) & (x == np.floor(x))
    return np.where(whole, _FACTORIALS[np.where(whole, x, 0.0).astype(int)], value)


def binomial(n: Array, k: Array) -> Array:
    """Γ(n + 1) / (Γ(k + 1) Γ(n - k + 1)): 0 where only the denominator has a pole."""
    n, k = np.asarray(n), np.asarray(k)
    above, top = _log_gamma(n + 1.0)
    first, one = _log_gamma(k + 1.0)
    second, other = _log_gamma(n - k + 1.0)
    value = above * first * second * np.exp(top - one - other)
    whole = (n == np.floor(n)) & (k == np.floor(k)) & (np.abs(value) < 2.0**50)
    value = np.where(whole, np.rint(value), value)
    pole = _is_pole(k + 1.0) | _is_pole(n - k + 1.0)
    return np.where(pole & ~np.isnan(top), 0.0, finite(value))


def _is_pole(x: Array) -> Array:
    return (x <= 0) & (x == np.floor(x))


def _log_gamma(x: Array) -> tuple[Array, Array]:
    """The sign of Γ(x) and ln |Γ(x)|; nan at the poles."""
    mirrored = x < 0.5  # Γ(x) Γ(1 - x) = π / sin πx
    z = np.where(mirrored, 1.0 - x, x) - 1.0
    series = np.float64(0.99999999999980993)
    for i, coefficient in enumerate(_LANCZOS):
        series = series + coefficient / (z + (i + 1))
    t = z + 7.5
    size = 0.5 * math.log(2 * math.pi) + (z + 0.5) * np.log(t) - t + np.log(series)
    sine = np.sin(np.pi * np.fmod(x, 2.0))
    reflected = math.log(math.pi) - np.log(np.abs(sine)) - size
    size = np.where(mirrored, reflected, size)
    sign = np.where(mirrored, np.sign(sine), 1.0)
    return sign, np.where(_is_pole(x), np.nan, size)


def total(x: Array) -> Array:
    """The sum of all entries of a point."""
    return x.sum(axis=(1, 2), keepdims=True) if x.ndim else x


def mean(x: Array) -> Array:
    return x.mean(axis=(1, 2), keepdims=True) if x.ndim else x


def norm(x: Array) -> Array:
    """Euclidean; of a matrix, Frobenius' norm."""
    return finite(np.sqrt(total(x * x)))


def largest(*x: Array) -> Array:
    if len(x) > 1:
        return reduce(np.maximum, x)
    return x[0].max(axis=(1, 2), keepdims=True) if x[0].ndim else x[0]


def smallest(*x: Array) -> Array:
    if len(x) > 1:
        return reduce(np.minimum, x)
    return x[0].min(axis=(1, 2), keepdims=True) if x[0].ndim else x[0]


def _of_whole_numbers(function: Any) -> Callable[..., Array]:
    def value(*x: Array) -> Array:
        """Of whole numbers only."""
        together = np.broadcast_arrays(*map(np.asarray, x))
        whole = np.logical_and.reduce([(e == np.floor(e)) & (np.abs(e) < _WHOLE) for e in together])
        numbers = [np.where(whole, e, 1.0).astype(np.int64) for e in together]
        return np.where(whole, np.abs(reduce(function, numbers)).astype(float), np.nan)

    return value


def trace(x: Array) -> Array:
    return np.trace(x, axis1=1, axis2=2)[:, None, None] if x.ndim else x


def determinant(x: Array) -> Array:
    return finite(np.linalg.det(x))[:, None, None] if x.ndim else x


def diagonal(x: Array) -> Array:
    """The matrix of a column or row; the column of a square matrix."""
    if x.shape[1] == x.shape[2]:
        return np.diagonal(x, axis1=1, axis2=2)[:, :, None]
    length = x.shape[1] * x.shape[2]
    return x.reshape(-1, length, 1) * np.eye(length)


def inverse(x: Array) -> Array:
    """nan at the points where the matrix is singular, or too near it for floats to tell."""
    if not x.ndim or x.shape[1:] == (1, 1):
        return divide(1.0, x)
    try:
        result = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        singular = (np.linalg.matrix_rank(np.nan_to_num(x)) < x.shape[1])[:, None, None]
        safe = np.where(
            singular | ~np.isfinite(x).all(axis=(1, 2), keepdims=True), np.eye(x.shape[1]), x
        )
        result = np.where(np.isfinite(x) & ~singular, np.linalg.inv(safe), np.nan)
    condition = _size(x) * _size(result)
    return np.where(condition < _SINGULAR, result, np.nan)


def _size(x: Array) -> Array:
    return np.abs(x).sum(axis=2, keepdims=True).max(axis=1, keepdims=True)


def matrix_power(x: Array, exponent: Array) -> Array:
    """Whole powers of square matrices; the exponent may differ from point to point."""
    exponents = np.ravel(exponent)
    if (exponents == -1).all():
        return inverse(x)
    powers = [n for n in np.unique(exponents) if n == np.floor(n) and abs(n) < 1000]
    count = max(len(x), len(exponents))
    result = np.full((count, *x.shape[1:]), np.nan)
    for n in powers:
        base = inverse(x) if n < 0 else x
        here = np.broadcast_to(exponents == n, count)[:, None, None]
        result = np.where(here, np.linalg.matrix_power(base, abs(int(n))), result)
    return finite(result)


def where(condition: Array, yes: Array, no: Array) -> Array:
    """One value where a condition is 1, another where it is 0, whatever the other one is there."""
    return np.where(condition > 0, yes, no) + 0.0 * condition


FUNCTIONS: dict[str, Callable[..., Array]] = {
    "where": where,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "exp": lambda x: finite(np.exp(x)),
    "ln": log,
    "log": log,
    "log2": lambda x: finite(np.log2(x)),
    "log10": lambda x: finite(np.log10(x)),
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "factorial": factorial,
    "sin": np.sin,
    "cos": np.cos,
    "tan": tan,
    "sec": lambda x: np.where(np.abs(np.cos(x)) < _POLE, np.nan, 1 / np.cos(x)),
    "csc": lambda x: divide(1.0, np.sin(x)),
    "cot": lambda x: divide(np.cos(x), np.sin(x)),
    "sinh": lambda x: finite(np.sinh(x)),
    "cosh": lambda x: finite(np.cosh(x)),
    "tanh": np.tanh,
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: finite(1 / np.sinh(x)),
    "coth": lambda x: finite(1 / np.tanh(x)),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": lambda y, x: np.where((y == 0) & (x == 0), np.nan, np.arctan2(y, x)),
    "asec": lambda x: np.arccos(divide(1.0, x)),
    "acsc": lambda x: np.arcsin(divide(1.0, x)),
    "acot": acot,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": lambda x: finite(np.arctanh(x)),
    "asech": lambda x: np.arccosh(divide(1.0, x)),
    "acsch": lambda x: np.arcsinh(divide(1.0, x)),
    "acoth": lambda x: finite(np.arctanh(divide(1.0, x))),
    "sigmoid": sigmoid,
    "relu": lambda x: np.maximum(x, 0.0),
    "leaky_relu": leaky_relu,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "step": lambda x: np.heaviside(x, 1.0),
    "sigmoid'": sigmoid_slope,
    "relu'": lambda x: np.heaviside(x, 0.0),
    "tanh'": lambda x: np.square(1 / np.cosh(x)),
    "softplus'": sigmoid,
    "exp'": lambda x: finite(np.exp(x)),
    "softmax": softmax,
    "root": root,
    "binomial": binomial,
    "max": largest,
    "min": smallest,
    "gcd": _of_whole_numbers(np.gcd),
    "lcm": _of_whole_numbers(np.lcm),
    "norm": norm,
    "sum": total,
    "mean": mean,
    "trace": trace,
    "det": determinant,
    "diag": diagonal,
    "inv": inverse,
}


def compared(relation: str, left: Array, right: Array) -> Array:
    """1 where the relation holds, 0 where not, nan where a side is undefined."""
    holds = _RELATIONS[relation](left, right)
    return holds + 0.0 * (left - right)


_RELATIONS: dict[str, Callable[[Array, Array], NDArray[np.bool_]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "!=": np.not_equal,
}
