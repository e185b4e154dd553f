"""How an answer must be written, beside what it must be worth.

A form is named by a short text, which keys, rows and answer forms hold as it is:

    simplified fraction    a whole number, or one fraction of whole numbers in lowest terms
    lowest terms           no fraction of whole numbers can be reduced
    no decimals            whole numbers, fractions, roots and names, but nothing rounded
    one fraction           one quotient or none, and no other inside it
    no products of sums    no factor, and no base of a whole power, is a sum
    no slopes              no sigma', relu' and the like: they are written out
    3 decimals             a decimal number with 3 digits behind the point; trailing zeros count
    3 significant figures  a decimal number with 3 digits from its first that is not 0

Of numbers, and of the entries of arrays, the first three and the last two can be asked; of formulas
the second to the sixth. `generator.notation.form` says whether a text has a form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FRACTION = "simplified fraction"
LOWEST = "lowest terms"
EXACT = "no decimals"
SINGLE = "one fraction"
EXPANDED = "no products of sums"
NO_SLOPES = "no slopes"
DECIMALS = "decimals"
FIGURES = "significant figures"

OF_NUMBERS = (FRACTION, LOWEST, EXACT, DECIMALS, FIGURES)
OF_FORMULAS = (LOWEST, EXACT, SINGLE, EXPANDED, NO_SLOPES)
MOST_DIGITS = 30

_ASKED = {
    FRACTION: "a whole number or a fraction in lowest terms",
    LOWEST: "fractions in lowest terms",
    EXACT: "exact, without decimals",
    SINGLE: "one fraction",
    EXPANDED: "multiplied out, without products of sums",
    NO_SLOPES: "slopes written out, without sigma' and the like",
}


@dataclass(frozen=True)
class Form:
    """One requirement; `digits` is how many are asked, of decimals and significant figures."""

    name: str
    digits: int = 0

    @classmethod
    def of(cls, text: str) -> Form:
        """The form that a text names. ValueError for any other text.

        >>> Form.of("3 decimals")
        Form(name='decimals', digits=3)
        """
        if text in _ASKED:
            return cls(text)
        counted = re.fullmatch(r"([0-9]{1,2}) (decimals?|significant figures?)", text)
        name = DECIMALS if counted and counted[2].startswith("decimal") else FIGURES
        if counted is None or not (name == FIGURES) <= int(counted[1]) <= MOST_DIGITS:
            known = ", ".join((*_ASKED, "3 decimals", "3 significant figures"))
            raise ValueError(f"{text!r} is not a form: known are {known}")
        return cls(name, int(counted[1]))

    def __str__(self) -> str:
        """The text that names it."""
        return self.name if self.name in _ASKED else counted(self.digits, self.name)

    @property
    def asked(self) -> str:
        """The form in words, for the student."""
        return _ASKED.get(self.name) or f"written with {counted(self.digits, self.name)}"


def checked(forms: str | tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The forms that an answer asks for, one or several. ValueError for one that is not allowed."""
    texts = (forms,) if isinstance(forms, str) else tuple(forms)
    names = [Form.of(text).name for text in texts]
    for name in names:
        if name not in allowed:
            raise ValueError(
                f"the form {name!r} cannot be asked of this kind of answer, "
                f"only {', '.join(allowed)}"
            )
    digits = {DECIMALS, FIGURES} & set(names)
    if len(set(names)) < len(names) or (digits and len(names) > 1):
        raise ValueError(f"the forms {', '.join(texts)} do not go together")
    return texts


def counted(count: int, what: str) -> str:
    """
    >>> counted(1, "decimals"), counted(3, "significant figures")
    ('1 decimal', '3 significant figures')
    """
    return f"{count} {what.removesuffix('s') if count == 1 else what}"
