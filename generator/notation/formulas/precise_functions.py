"""The functions of the answer language on single numbers, with as many digits as mpmath has set.

A number is a Fraction, which stays one as long as the result is rational and short enough, or a
real number of mpmath. `Undefined` is raised where there is no real value, or one too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

Number = Any

_BITS = 6_000  # of a fraction's numerator and denominator together
_LARGE = 10**6  # the largest exponent of e, and argument of a gamma function
_WIDE = 10**40  # the largest argument of sin and the like
_LEAKY_SLOPE = Fraction(1, 100)


class Undefined(Exception):
    """There is no real value here."""


def rounded(x: Number) -> Any:
    """The number with mpmath's digits."""
    import mpmath

    if type(x) is Fraction:
        top = mpmath.mpf(x.numerator)
        return top if x.denominator == 1 else top / x.denominator
    return x


def is_whole(x: Number) -> bool:
    import mpmath

    return bool(x.denominator == 1 if type(x) is Fraction else mpmath.isint(x))


def less(left: Number, right: Number) -> bool:
    if _both(left, right):
        return bool(left < right)
    return bool(rounded(left) < rounded(right))


def largest(*numbers: Number) -> Number:
    return reduce(lambda a, b: b if less(a, b) else a, numbers)


def smallest(*numbers: Number) -> Number:
    return reduce(lambda a, b: b if less(b, a) else a, numbers)


def _short(x: Fraction) -> Number:
    bits = x.numerator.bit_length() + x.denominator.bit_length()
    return x if bits <= _BITS else rounded(x)


def _both(left: Number, right: Number) -> bool:
    return type(left) is Fraction and type(right) is Fraction


def add(left: Number, right: Number) -> Number:
    if _both(left, right):
        return _short(left + right)
    return rounded(left) + rounded(right)


def multiply(left: Number, right: Number) -> Number:
    if _both(left, right):
        return _short(left * right)
    if 0 in (left, right):
        return Fraction(0)
    return rounded(left) * rounded(right)


def divide(left: Number, right: Number) -> Number:
    if right == 0:
        raise Undefined
    if _both(left, right):
        return _short(left / right)
    return rounded(left) / rounded(right)


def power(base: Number, exponent: Number) -> Number:
    import mpmath

    if base == 0:
        if exponent <= 0:
            raise Undefined
        return Fraction(0)
    whole = is_whole(exponent)
    if type(base) is Fraction and type(exponent) is Fraction:
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        if whole and abs(exponent) * bits <= _BITS:
            return base ** int(exponent)
        if base > 0 and exponent.denominator <= 6 and abs(exponent.numerator) <= 6:
            exact = _exact_root(base, exponent.denominator)
            if exact is not None:
                return exact**exponent.numerator
    if base < 0 and not whole:
        raise Undefined
    size = exp(multiply(exponent, mpmath.log(rounded(abs(base)))))
    return -size if base < 0 and int(exponent) % 2 else size


def _exact_root(x: Fraction, degree: int) -> Fraction | None:
    """The rational root of a positive number, if it has one."""
    parts = []
    for part in (x.numerator, x.denominator):
        if degree == 2:
            found = math.isqrt(part)
        else:
            found = round(part ** (1 / degree)) if part < 2**53 else 0
        if found**degree != part:
            return None
        parts.append(found)
    return Fraction(*parts)


def root(x: Number, degree: Number) -> Number:
    """The root of whole odd degree is real for a negative x, too."""
    if degree == 0:
        raise Undefined
    exponent = divide(Fraction(1), degree)
    if x < 0 and is_whole(degree) and int(degree) % 2:
        return -power(-x, exponent)
    return power(x, exponent)


def exp(x: Number) -> Number:
    import mpmath

    if x == 0:
        return Fraction(1)
    if x > _LARGE:
        raise Undefined
    return Fraction(0) if x < -(_LARGE**2) else mpmath.exp(rounded(x))


def ln(x: Number) -> Number:
    import mpmath

    if x <= 0:
        raise Undefined
    return Fraction(0) if x == 1 else mpmath.log(rounded(x))


def log(x: Number, base: Number | None = None) -> Number:
    return ln(x) if base is None else divide(ln(x), ln(base))


def _of(name: str, within: Callable[[Number], bool] | None = None) -> Callable[[Number], Number]:
    """A function of mpmath, where `within` holds."""

    def value(x: Number) -> Number:
        import mpmath

        if within is not None and not within(x):
            raise Undefined
        return getattr(mpmath, name)(rounded(x))

    return value


def _bounded(x: Number) -> bool:
    return bool(abs(x) < _WIDE)


sin, cos = _of("sin", _bounded), _of("cos", _bounded)
_cosh = _of("cosh", lambda x: abs(x) < _LARGE)
_sinh = _of("sinh", lambda x: abs(x) < _LARGE)
_tanh = _of("tanh", lambda x: abs(x) < _LARGE**2)
_acos = _of("acos", lambda x: abs(x) <= 1)
_asin = _of("asin", lambda x: abs(x) <= 1)
_acosh = _of("acosh", lambda x: x >= 1)
_atanh = _of("atanh", lambda x: abs(x) < 1)


def _over(top: Number, bottom: Number) -> Number:
    """A quotient of functions, undefined where the lower one vanishes to its last digits."""
    import mpmath

    if abs(bottom) < 10 * mpmath.eps:
        raise Undefined
    return divide(top, bottom)


def _inverted(function: Callable[[Number], Number]) -> Callable[[Number], Number]:
    return lambda x: function(divide(Fraction(1), x))


def _acot(x: Number) -> Number:
    import mpmath

    return mpmath.pi / 2 if x == 0 else mpmath.atan(rounded(divide(Fraction(1), x)))


def factorial(x: Number) -> Number:
    import mpmath

    if (x < 0 and is_whole(x)) or abs(x) > _LARGE:
        raise Undefined
    if type(x) is Fraction and x.denominator == 1 and x <= 300:
        return Fraction(math.factorial(int(x)))
    return mpmath.gamma(rounded(x) + 1)


def binomial(n: Number, k: Number) -> Number:
    """Γ(n + 1) / (Γ(k + 1) Γ(n - k + 1)): 0 where only the denominator has a pole."""
    import mpmath

    if (n < 0 and is_whole(n)) or abs(n) > _LARGE or abs(k) > _LARGE:
        raise Undefined
    rest = add(n, -k)
    if any(each < 0 and is_whole(each) for each in (k, rest)):
        return Fraction(0)
    if _both(n, k) and n.denominator == k.denominator == 1 and n <= 300:
        return Fraction(math.comb(int(n), int(k)))
    return mpmath.binomial(rounded(n), rounded(k))


def softplus(x: Number) -> Number:
    import mpmath

    return add(relu(x), mpmath.log1p(rounded(exp(-abs(x)))))


def sigmoid(x: Number) -> Number:
    small = exp(-abs(x))
    return divide(small if x < 0 else Fraction(1), add(Fraction(1), small))


def _sigmoid_slope(x: Number) -> Number:
    return multiply(sigmoid(x), sigmoid(-x))


def _tanh_slope(x: Number) -> Number:
    small = exp(multiply(Fraction(-2), abs(x)))
    whole = add(Fraction(1), small)
    return divide(multiply(Fraction(4), small), multiply(whole, whole))


def relu(x: Number) -> Number:
    return x if x > 0 else Fraction(0)


def leaky_relu(x: Number, slope: Number = _LEAKY_SLOPE) -> Number:
    return x if x > 0 else multiply(slope, x)


def sign(x: Number) -> Number:
    return Fraction((x > 0) - (x < 0))


def _floor(x: Number) -> Number:
    """The floor; a number that is whole to its last digits counts as whole: log10(1000)."""
    import mpmath

    if type(x) is Fraction:
        return Fraction(math.floor(x))
    nearest = int(mpmath.nint(x))
    if abs(x - nearest) <= 1000 * mpmath.eps * max(1, abs(nearest)):
        return Fraction(nearest)
    return Fraction(int(mpmath.floor(x)))


def atan2(y: Number, x: Number) -> Number:
    import mpmath

    if x == 0 and y == 0:
        raise Undefined
    return Fraction(0) if y == 0 and x > 0 else mpmath.atan2(rounded(y), rounded(x))


def _of_whole_numbers(function: Callable[..., int]) -> Callable[..., Number]:
    def value(*numbers: Number) -> Number:
        if not all(map(is_whole, numbers)):
            raise Undefined
        return Fraction(abs(reduce(function, map(int, numbers))))

    return value


def compared(relation: str, gap: Number) -> Number:
    """1 if `gap`, left minus right, is in the relation to 0, else 0."""
    holds = {
        "<": gap < 0,
        "<=": gap <= 0,
        ">": gap > 0,
        ">=": gap >= 0,
        "=": gap == 0,
        "!=": gap != 0,
    }
    return Fraction(holds[relation])


def inverse(
    matrix: list[list[Number]],
    plus: Callable[[Number, Number], Number],
    singular: bool = False,
) -> tuple[list[list[Number]], Number]:
    """The inverse and the determinant, by elimination with the largest pivot. `plus` adds.

    A singular matrix is Undefined, unless `singular` asks for its determinant 0 alone.
    """
    size = len(matrix)
    rows = [[*row, *(Fraction(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    determinant: Number = Fraction(1)
    for k in range(size):
        best = k
        for i in range(k + 1, size):
            if less(abs(rows[best][k]), abs(rows[i][k])):
                best = i
        pivot = rows[best][k]
        if pivot == 0:
            if singular:
                return matrix, Fraction(0)
            raise Undefined
        rows[k], rows[best] = rows[best], rows[k]
        determinant = multiply(determinant, pivot if best == k else -pivot)
        rows[k] = [divide(each, pivot) for each in rows[k]]
        for i in range(size):
            if i != k and rows[i][k] != 0:
                factor = rows[i][k]
                rows[i] = [
                    plus(a, -multiply(factor, b)) for a, b in zip(rows[i], rows[k], strict=True)
                ]
    return [row[size:] for row in rows], determinant


ENTRYWISE: dict[str, Callable[..., Number]] = {
    "sqrt": lambda x: root(x, Fraction(2)),
    "cbrt": lambda x: root(x, Fraction(3)),
    "exp": exp,
    "ln": ln,
    "log": log,
    "log2": lambda x: log(x, Fraction(2)),
    "log10": lambda x: log(x, Fraction(10)),
    "abs": abs,
    "sign": sign,
    "floor": _floor,
    "ceil": lambda x: -_floor(-x),
    "factorial": factorial,
    "sin": sin,
    "cos": cos,
    "tan": lambda x: _over(sin(x), cos(x)),
    "sec": lambda x: _over(Fraction(1), cos(x)),
    "csc": lambda x: _over(Fraction(1), sin(x)),
    "cot": lambda x: _over(cos(x), sin(x)),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "sech": lambda x: divide(Fraction(1), _cosh(x)),
    "csch": lambda x: divide(Fraction(1), _sinh(x)),
    "coth": lambda x: divide(Fraction(1), _tanh(x)),
    "asin": _asin,
    "acos": _acos,
    "atan": _of("atan"),
    "atan2": atan2,
    "asec": _inverted(_acos),
    "acsc": _inverted(_asin),
    "acot": _acot,
    "asinh": _of("asinh"),
    "acosh": _acosh,
    "atanh": _atanh,
    "asech": _inverted(_acosh),
    "acsch": _inverted(_of("asinh")),
    "acoth": _inverted(_atanh),
    "sigmoid": sigmoid,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "softplus": softplus,
    "step": lambda x: Fraction(x >= 0),
    "sigmoid'": _sigmoid_slope,
    "relu'": lambda x: Fraction(x > 0),
    "tanh'": _tanh_slope,
    "softplus'": sigmoid,
    "exp'": exp,
    "root": root,
    "binomial": binomial,
    "max": largest,
    "min": smallest,
    "gcd": _of_whole_numbers(math.gcd),
    "lcm": _of_whole_numbers(math.lcm),
}
