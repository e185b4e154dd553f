"""Finite sets and intervals. Beside a semicolon, a comma is a decimal comma.

A text is cut into the pieces between its outermost commas; what a piece says is read elsewhere, as
a number or as a formula. All that surrounds it is blanked, so that places stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from generator.model.answers import Ends
from generator.model.errors import NotationError
from generator.notation.limits import ENTRIES, check_length
from generator.notation.numbers import Value, read_number

Read = TypeVar("Read")

_UNSEEN = re.compile(r"\$|\\[()]|\\(?:left|right|displaystyle|big|Big|bigg|Bigg)[lr]?(?![A-Za-z])")
_ESCAPED = re.compile(r"\\(?=[{}])")
_EMPTY = re.compile(r"\\emptyset|\\varnothing|∅")
_BOXED = re.compile(r"\s*\\boxed\s*\{")
_LEFT_SIDE = re.compile(r"\s*[^\W\d_]\w*(?:\s*(?:∈|\\in(?![A-Za-z])|=)|\s+in\b)")
_UNION = re.compile(r"[\])}\[]\s*(?:∪|\\cup(?![A-Za-z])|U)\s*[\[({\]]")
_COMPARED = re.compile(r"<=|>=|[<>≤≥≦≧⩽⩾]|\\[lg](?:eqslant|eq?|t)(?![A-Za-z])")
_VARIABLE = re.compile(r"\\?[^\W\d_]\w*")
_BOUNDED = re.compile(  # a name, its value or a sum; not 2x, which is bounded by other ends
    r"\\?[^\W\d_]\w*(?:\([^()]*\))?|\\?(?:sum(?![A-Za-z])|∑).*", re.DOTALL
)
_INFINITE = frozenset({"inf", "infinity", "oo", "\\infty", "∞"})
_BOTH_SIGNS = re.compile(r"\s*(?:±|\\pm(?![A-Za-z]))")
_LINES = frozenset({"R", "ℝ", "\\mathbb{R}", "\\R"})


@dataclass(frozen=True)
class Listed:
    """The pieces of a text and their places in it, and the brackets around them, "" for none."""

    text: str
    pieces: tuple[tuple[str, int], ...]
    opening: str = ""
    closing: str = ""

    def read(self, place: int, reader: Callable[[str], Read]) -> Read:
        """What `reader` makes of one piece. Its NotationError gets its place in the whole text."""
        piece, at = self.pieces[place]
        try:
            return reader(piece)
        except NotationError as error:
            position = None if error.position is None else at + error.position
            raise NotationError(error.problem, self.text, position) from None


def listed_set(text: str) -> Listed:
    """The members of {a, b}, or of a, b without braces; {}, ∅ and `none` have none."""
    plain = _bare(text)
    if _EMPTY.fullmatch(plain.strip()) or plain.strip() == "none":
        return Listed(text, (), "{", "}")
    start = len(plain) - len(plain.lstrip())
    stop = len(plain.rstrip())
    braces = plain[start : start + 1] == "{" and _closes(plain, start) == stop - 1
    if plain[start : start + 1] == "{" and not braces and "}" not in plain:
        raise NotationError("there is a closing } missing", text, start)
    if braces:
        pieces = _pieces(plain, start + 1, stop - 1)
    elif start == stop:
        raise NotationError("there is no number: the empty set is {}", text, 0)
    else:
        pieces = _pieces(plain, start, stop)
    if len(pieces) > ENTRIES:
        raise NotationError(f"a set has at most {ENTRIES:,} members here", text, start)
    return Listed(text, _with_both_signs(pieces), "{", "}")


def listed_interval(text: str) -> Listed:
    """The two ends of [a, b), ]a, b], a <= x < b, x > a and the like."""
    if union := _UNION.search(text):
        problem = "a union of intervals is not read here"
        raise NotationError(problem, text, union.start() + 1)
    plain = _bare(text)
    if compared := _compared(text, plain):
        return compared
    start, stop = len(plain) - len(plain.lstrip()), len(plain.rstrip())
    opening, closing = plain[start : start + 1], plain[max(start, stop - 1) : stop]
    if opening not in ("[", "(", "]"):
        problem = "an interval is written with its two ends: [0, 1) or (-inf, 2]"
        raise NotationError(problem, text, start)
    if closing not in ("]", ")", "[") or stop - start < 2:
        problem = "the bracket at the upper end is missing: ) without it, ] with it"
        raise NotationError(problem, text, stop)
    pieces = _pieces(plain, start + 1, stop - 1)
    if len(pieces) < 2:
        raise NotationError("a comma is missing between the two ends", text, stop - 1)
    if len(pieces) > 2:
        raise NotationError("an interval has two ends", text, pieces[2][1])
    return Listed(text, pieces, opening, closing)


def _compared(text: str, plain: str) -> Listed | None:
    """The ends that comparisons give to one variable: 1 <= x < 3, 3 > x, x >= 1. None where they
    are none, or it is not certain which side is the variable."""
    signs = list(_COMPARED.finditer(plain))
    cuts = [0, *(at for sign in signs for at in sign.span()), len(plain)]
    sides = [_stripped(plain, a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    named = [bool(_VARIABLE.fullmatch(side)) and not infinite(side) for side, _ in sides]
    rising = [sign[0][:2] in ("\\l", "<", "<=") or sign[0] in "≤≦⩽" for sign in signs]
    closed = [sign[0] not in ("<", ">", "\\lt", "\\gt") for sign in signs]
    if len(set(rising)) != 1:
        return None
    if not rising[0]:
        sides, named, closed = sides[::-1], named[::-1], closed[::-1]
    if named == [True, False]:  # x < 3
        sides, closed = [("-inf", sides[0][1]), *sides], [False, *closed]
    elif named == [False, True]:
        sides, closed = [*sides, ("inf", sides[1][1])], [*closed, False]
    elif len(sides) != 3 or not _BOUNDED.fullmatch(sides[1][0]):
        return None
    return Listed(text, (sides[0], sides[2]), "(["[closed[0]], ")]"[closed[1]])


def infinite(piece: str) -> str:
    """The sign of an infinite end, "" of any other."""
    sign = "-" if piece.strip().startswith(("-", "−")) else "+"
    return sign if piece.strip().lstrip("+-− ").lower() in _INFINITE else ""


def read_set(text: str) -> frozenset[Value]:
    """The numbers in {1, 2}, or without braces; {} and `none` are the empty set.

    >>> sorted(read_set("{1/2, 2, 0.5}"))
    [Fraction(1, 2), Fraction(2, 1)]
    """
    listed = listed_set(text)
    return frozenset(listed.read(place, read_number) for place in range(len(listed.pieces)))


def read_interval(text: str) -> Ends:
    """The interval [0, 1), ]0, 1], (-inf, 2]; `R` is the whole line. Ends are in order.

    >>> read_interval("(-inf, 2]")
    Ends(low=None, high=Fraction(2, 1), low_belongs=False, high_belongs=True)
    """
    if _bare(text).strip() in _LINES:
        return Ends(None, None, low_belongs=False, high_belongs=False)
    listed = listed_interval(text)
    low, high = _end(listed, 0, "-"), _end(listed, 1, "+")
    ends = Ends(low, high, listed.opening == "[", listed.closing == "]")
    if (low is None and ends.low_belongs) or (high is None and ends.high_belongs):
        at = listed.pieces[0 if low is None and ends.low_belongs else 1][1]
        raise NotationError("infinity is not a number: a round bracket belongs there", text, at)
    if low is not None and high is not None:
        if low > high:
            raise NotationError("the lower end comes first", text, listed.pieces[0][1])
        if low == high and not (ends.low_belongs and ends.high_belongs):
            raise NotationError("this interval is empty", text, listed.pieces[0][1])
    return ends


def _end(listed: Listed, place: int, sign: str) -> Fraction | float | None:
    """One end; None is infinity, which has the given sign."""
    piece, at = listed.pieces[place]
    if found := infinite(piece):
        if found != sign:
            raise NotationError("the lower end is -inf, the upper end inf", listed.text, at)
        return None
    return listed.read(place, read_number)


def _bare(text: str) -> str:
    """The text without what only surrounds it: dollars, \\left, \\boxed, `x =`, a closing mark."""
    check_length(text)
    plain = _ESCAPED.sub(_blanks, _UNSEEN.sub(_blanks, text))
    plain = plain.replace("\\lbrace", "      {").replace("\\rbrace", "      }")
    while boxed := _BOXED.match(plain):
        closing = _closes(plain, boxed.end() - 1)
        if closing != len(plain.rstrip(" .;")) - 1:
            break
        plain = f"{' ' * boxed.end()}{plain[boxed.end() : closing]} {plain[closing + 1 :]}"
    if left := _LEFT_SIDE.match(plain):
        plain = f"{' ' * left.end()}{plain[left.end() :]}"
    short = plain.rstrip()
    return short[:-1].ljust(len(plain)) if short[-1:] in (".", ";") else plain


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _closes(text: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`; -1 if there is none."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
    return -1


def _pieces(text: str, start: int, stop: int) -> tuple[tuple[str, int], ...]:
    """What is between the outermost semicolons, or commas where there are none, in a part."""
    cuts: dict[str, list[int]] = {",": [], ";": []}
    depth = 0
    for at in range(start, stop):
        char = text[at]
        depth += (char in "([{") - (char in ")]}")
        if char in ",;" and depth == 0 and text[at - 1 : at] != "\\":  # not \, which is a space
            cuts[char].append(at)
    if not text[start:stop].strip():
        return ()
    ends = [*(cuts[";"] or cuts[","]), stop]
    starts = [start, *(end + 1 for end in ends)]
    found = [(text[a:b], a) for a, b in zip(starts, ends, strict=False)]
    if len(found) > 1 and not found[-1][0].strip():
        found.pop()  # {1, 2,}
    return tuple(_stripped(text, at, at + len(piece)) for piece, at in found)


def _stripped(text: str, start: int, stop: int) -> tuple[str, int]:
    """A piece of a text without the blanks around it, and its place."""
    piece = text[start:stop]
    return piece.strip(), start + len(piece) - len(piece.lstrip())


def _with_both_signs(pieces: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """±a as the two members that it stands for."""
    result = []
    for piece, at in pieces:
        both = _BOTH_SIGNS.match(piece)
        if both is None:
            result.append((piece, at))
        else:
            rest = piece[both.end() :]
            result += [(rest, at + both.end()), (f"-{rest}", at + both.end())]
    return tuple(result)
