"""Sheet ids: short, readable aloud, and with a check character against slips of the pen.

An id such as `K7Q2-9MXA-V` is eight characters of Crockford's base 32 (no I, L, O, U) and an
ISO 7064 MOD 37,36 check character.
"""

from __future__ import annotations

from functools import lru_cache

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8


def make(digest: bytes) -> str:
    """The id for a digest: its first 40 bits."""
    bits = int.from_bytes(digest[:5], "big")
    body = "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return f"{body[:4]}-{body[4:]}-{mod_37_36.calc_check_digit(body)}"


@lru_cache(maxsize=4096)
def check(text: str) -> str:
    """The id that a person typed, in its one spelling; ValueError says what is wrong with it."""
    typed = "".join(text.upper().split()).replace("-", "")
    if len(typed) != _LENGTH + 1:
        raise ValueError(
            f"{text!r} is not a sheet id: it has 9 letters and digits, as in K7Q2-9MXA-V"
        )
    body = typed[:-1].translate(str.maketrans("ILO", "110"))
    try:
        mod_37_36.validate(body + typed[-1])
    except ValidationError:
        raise ValueError(f"{text!r} is not a sheet id: a character is wrong or swapped") from None
    return f"{body[:4]}-{body[4:]}-{typed[-1]}"
