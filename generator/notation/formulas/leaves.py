"""Numbers and names as text and LaTeX: the leaves of a printed tree."""

from __future__ import annotations

import re
from fractions import Fraction

from generator.notation.formulas.latex import GREEK, LETTERS

_LONGEST = 20  # characters of a number, before it is written with a power of ten
ENDLESS = {
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
    Fraction(1, 6): "⅙",
    Fraction(5, 6): "⅚",
    Fraction(1, 7): "⅐",
    Fraction(1, 9): "⅑",
}  # no decimals end in these

_SPELLED = re.compile(r"([^\W\d_]+)_?(\w*)")  # letters, and what stands below them
_ACCENTED = re.compile(rf"([^\W\d_]|{'|'.join(GREEK)})(hat|bar|tilde|dot|vec)")


def number(value: Fraction) -> str:
    """In decimals, with a power of ten, or where no decimals end as ⅓ or else a fraction.

    >>> number(Fraction(1, 8)), number(Fraction(602 * 10**21)), number(Fraction(4, 3))
    ('0.125', '6.02e23', '1⅓')
    """
    if value.denominator == 1 and len(whole_number := str(value.numerator)) <= _LONGEST:
        return whole_number
    if value < 0:
        return f"-{number(-value)}"
    whole, rest = divmod(value, 1)
    if rest in ENDLESS:
        return f"{whole or ''}{ENDLESS[rest]}"
    below, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while below % prime == 0:
            below //= prime
            count += 1
        places = max(places, count)
    if below > 1:
        return str(value)
    digits = str(value * 10**places).rjust(places + 1, "0")
    decimal = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    if len(decimal) <= _LONGEST:
        return decimal
    return min(decimal, _scientific(digits, places), key=len)


def _scientific(digits: str, places: int) -> str:
    """6.02e23, of the digits without their point and the number of them behind it."""
    exponent = len(digits.lstrip("0")) - 1 - places
    digits = digits.strip("0")
    return f"{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}e{exponent}"


def latex_name(name: str) -> str:
    """A name of any spelling: with its number below, its accent above, and Greek as such.

    >>> latex_name("W1"), latex_name("yhat_2"), latex_name("theta"), latex_name("dS")
    ('W_{1}', '\\\\hat{y}_{2}', '\\\\theta', '\\\\mathit{dS}')
    """
    if name == "𝟙":
        return r"\mathbf{1}"
    found = _SPELLED.fullmatch(name)
    if found is None:
        return name
    letters, below = found.groups()
    if accented := _ACCENTED.fullmatch(letters):
        letter, accent = accented.groups()
        letters = rf"\{accent}{{{_letters(letter)}}}"
    else:
        letters = _letters(letters)
    return f"{letters}_{{{_letters(below)}}}" if below else letters


def _letters(word: str) -> str:
    """One letter, a Greek one, or a word that is set in one piece."""
    if word in GREEK:
        return f"\\{word}"
    if word in LETTERS:
        return f"\\{LETTERS[word]}"
    return rf"\mathit{{{word}}}" if len(word) > 1 and word.isalpha() else word
