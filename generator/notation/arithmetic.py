"""Arithmetic of the answer language: exact as long as it can be, then with 50 digits.

A number is a `Fraction`, or a `Decimal` once a root, a logarithm or the like has made it inexact.
Fifty digits keep differences such as 19601 - 13860 sqrt(2) right where floats would lose them.
Functions raise ArithmeticError or ValueError with a message for a student; `trouble` words both.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from generator.notation.limits import DIGITS

Number = Fraction | Decimal

_BITS = math.ceil(DIGITS * math.log2(10))
_NOISE = Decimal("1e-40")  # a difference this small beside its terms is rounding: it is zero
_REAL = decimal.Context(
    prec=50,
    Emax=999_999,
    Emin=-999_999,
    traps=[decimal.Overflow, decimal.Underflow, decimal.InvalidOperation, decimal.DivisionByZero],
)

CONSTANTS = {
    "pi": Decimal("3.14159265358979323846264338327950288419716939937510582"),
    "e": Decimal("2.71828182845904523536028747135266249775724709369995957"),
}


def plain(value: Number) -> Fraction | float:
    """The value as answers hold it. Raises OverflowError or decimal.Underflow."""
    if isinstance(value, Fraction):
        return value
    result = float(value)
    if math.isinf(result):
        raise OverflowError
    if result == 0 and value != 0:
        raise decimal.Underflow
    return result


def trouble(error: Exception) -> str:
    """What went wrong in a computation, in a student's words."""
    match error:
        case ZeroDivisionError():
            return "this divides by zero"
        case decimal.Underflow():
            return "this number is too close to zero to compute with"
        case OverflowError() | decimal.Overflow():
            return "this number is too large to compute with"
        case decimal.InvalidOperation():
            return "this has no value among the real numbers"
    return str(error)


def add(a: Number, b: Number) -> Number:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _bounded(a + b)
    a, b = _decimal(a), _decimal(b)
    total = _REAL.add(a, b)
    return Fraction(0) if abs(total) < _NOISE * max(abs(a), abs(b)) else total


def negative(a: Number) -> Number:
    return -a if isinstance(a, Fraction) else _REAL.minus(a)


def subtract(a: Number, b: Number) -> Number:
    return add(a, negative(b))


def multiply(a: Number, b: Number) -> Number:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _bounded(a * b)
    return _REAL.multiply(_decimal(a), _decimal(b))


def divide(a: Number, b: Number) -> Number:
    if b == 0:
        raise ZeroDivisionError
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _bounded(a / b)
    return _REAL.divide(_decimal(a), _decimal(b))


def power(a: Number, b: Number) -> Number:
    """a^b for real a and b; an exact base stays exact under a whole exponent that is not huge."""
    if a == 0:
        if b > 0:
            return Fraction(0)
        if b == 0:
            raise ValueError("0^0 has no value")
        raise ZeroDivisionError
    whole = b == math.floor(b) if isinstance(b, Fraction) else False
    if a < 0 and not whole:
        raise ValueError("a negative number has no real power with this exponent")
    if isinstance(b, Fraction) and b.denominator == 2 and b.numerator == 1:
        return sqrt(a)
    if isinstance(a, Fraction) and isinstance(b, Fraction) and whole:
        if abs(a) == 1:
            return a if b.numerator % 2 else Fraction(1)
        if _bits(a) * abs(b) <= _BITS:
            return a**b.numerator
    return _REAL.power(_decimal(a), _decimal(b))


def sqrt(a: Number) -> Number:
    """The square root: exact for the square of a fraction."""
    if a < 0:
        raise ValueError("a negative number has no real square root")
    if isinstance(a, Fraction):
        above, below = math.isqrt(a.numerator), math.isqrt(a.denominator)
        if (above * above, below * below) == (a.numerator, a.denominator):
            return Fraction(above, below)
    return _REAL.sqrt(_decimal(a))


def root(a: Number, degree: Number) -> Number:
    """The root of a whole degree; an odd root of a negative number is negative."""
    if degree != math.floor(degree) or degree < 1:
        raise ValueError("the degree of a root is a whole number above 0")
    if a < 0 and math.floor(degree) % 2:
        return negative(root(negative(a), degree))
    return power(a, divide(Fraction(1), degree))


def exp(a: Number) -> Number:
    return Fraction(1) if a == 0 else _REAL.exp(_decimal(a))


def ln(a: Number) -> Number:
    if a <= 0:
        raise ValueError("only a number above 0 has a logarithm")
    return Fraction(0) if a == 1 else _REAL.ln(_decimal(a))


def _log(base: int) -> Callable[[Number], Number]:
    return lambda a: divide(ln(a), ln(Fraction(base)))


def _magnitude(a: Number) -> Number:
    return negative(a) if a < 0 else a


def _rounded(function: Callable[[Number], int]) -> Callable[[Number], Number]:
    def rounded(a: Number) -> Number:
        if isinstance(a, Decimal) and a.adjusted() > DIGITS:
            raise OverflowError
        return Fraction(function(a))

    return rounded


def _extreme(function: Callable[[list[Number]], Number]) -> Callable[..., Number]:
    def extreme(*values: Number) -> Number:
        exact = all(isinstance(value, Fraction) for value in values)
        return function(list(values) if exact else [_decimal(value) for value in values])

    return extreme


def _whole(function: Callable[[int, int], int]) -> Callable[..., Number]:
    def of_whole_numbers(*values: Number) -> Number:
        result = Fraction(0) if function is math.gcd else Fraction(1)
        for value in values:
            if not isinstance(value, Fraction) or value.denominator != 1:
                raise ValueError("this function takes whole numbers")
            result = _bounded(Fraction(function(int(result), int(value))))
        return result

    return of_whole_numbers


def _floating(function: Callable[[float], float]) -> Callable[[Number], Number]:
    """A function of the math module: it has the precision of a float."""

    def computed(a: Number) -> Number:
        try:
            return Decimal(function(float(a)))
        except ValueError:
            raise ValueError("this function has no value there") from None

    return computed


_CIRCULAR = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(math, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
}
_RECIPROCAL = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh"}
_RECIPROCAL["coth"] = "tanh"
for _name, _of in _RECIPROCAL.items():
    _CIRCULAR[_name] = lambda x, f=_CIRCULAR[_of]: 1 / f(x)
    _CIRCULAR["a" + _name] = lambda x, f=_CIRCULAR["a" + _of]: f(1 / x)

# name -> the function and whether it takes several numbers
FUNCTIONS: dict[str, tuple[Callable[..., Number], bool]] = {
    **{name: (_floating(function), False) for name, function in _CIRCULAR.items()},
    **{"arc" + n[1:]: (_floating(f), False) for n, f in _CIRCULAR.items() if n[0] == "a"},
    "sqrt": (sqrt, False),
    "cbrt": (lambda a: root(a, Fraction(3)), False),
    "exp": (exp, False),
    "ln": (ln, False),
    "log": (ln, False),
    "log2": (_log(2), False),
    "log10": (_log(10), False),
    "abs": (_magnitude, False),
    "floor": (_rounded(math.floor), False),
    "ceil": (_rounded(math.ceil), False),
    "max": (_extreme(max), True),
    "min": (_extreme(min), True),
    "gcd": (_whole(math.gcd), True),
    "lcm": (_whole(math.lcm), True),
}


def _decimal(a: Number) -> Decimal:
    if isinstance(a, Decimal):
        return a
    return _REAL.divide(Decimal(a.numerator), Decimal(a.denominator))


def _bits(a: Fraction) -> int:
    return max(a.numerator.bit_length(), a.denominator.bit_length())


def _bounded(a: Fraction) -> Fraction:
    if _bits(a) > _BITS:
        raise ValueError(f"a number has at most {DIGITS:,} digits here")
    return a
