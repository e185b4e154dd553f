r"""LaTeX formulas as MathML: math-core reads them; displays are cut here, so that a narrow page may
put side by side what fits.

What math-core does not know is a ValueError. Its output needs no style of its own: columns say by
class how they are aligned.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from math_core import LatexToMathML

_DEEPEST = 120  # groups inside each other: math-core recurses, and the stack of a thread is small
_SIGN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}&]", re.DOTALL)
_STEPS = dict.fromkeys(("{", r"\begin", r"\left"), 1) | dict.fromkeys(("}", r"\end", r"\right"), -1)
_GAP = re.compile(r"(\\\\)\[[\d.]+ *(?:ex|em|pt|mm)\]")  # the height between two rows
_POWER_OF_TEN = re.compile(r"(?<![_^.\d])\d+(?:\.\d+)?e-?\d+")  # 6.02e23: one number
_WORDS = re.compile(r"\\(?:text(?:bf|it|rm|tt)?|mbox)(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})")
_DOLLAR = re.compile(r"(?<!\\)\$")
# A blank that is space, not text, so that a minus behind it is a sign; and what is not known.
_MACROS = {" ": r"\;", "mbox": r"\text"}
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot);)\w+;")  # known to HTML by name, but not to XML
_STYLE = re.compile(r' style="(?:text-align: (left|right);)?[^"]*"')


def inline(latex: str) -> str:
    r"""A formula in a line of text.

    >>> inline(r"y \ne \ell")
    '<math><mi>y</mi><mo>≠</mo><mi>ℓ</mi></math>'
    """
    return _converted(_GAP.sub(r"\1", latex), display=False)


def display(latex: str) -> list[list[str]]:
    r"""A display by its rows; of each row, what stands apart by `\quad` or in columns of its own.

    >>> len(display(r"a &= b, & c &= d")[0])
    2
    """
    return [[_converted(piece, display=True) for piece in row] for row in _rows(latex)]


def _rows(latex: str) -> list[list[str]]:
    """The rows of an alignment, each in pieces; every second & is inside one: a &= b."""
    rows = [[""]]
    begun = depth = columns = 0
    for sign in _SIGN.finditer(latex := _GAP.sub(r"\1", latex)):
        depth += _STEPS.get(sign[0], 0)
        if depth or sign[0] not in ("&", r"\\", r"\quad", r"\qquad"):
            continue
        rows[-1][-1] += f"{latex[begun : sign.start()]} "
        begun = sign.end()
        columns += sign[0] == "&"
        if sign[0] == r"\\":
            rows.append([""])
            columns = 0
        elif sign[0] != "&" or columns % 2 == 0:
            rows[-1].append("")
    rows[-1][-1] += latex[begun:]
    found = ([piece for piece in row if piece.strip()] for row in rows)
    return [row for row in found if row]


@lru_cache(maxsize=16_384)  # the names of quantities come again and again
def _converted(latex: str, display: bool) -> str:
    from math_core import LatexError

    latex = _POWER_OF_TEN.sub(r"\\text{\g<0>}", _WORDS.sub(_words, latex))
    steps = (_STEPS.get(sign, 0) for sign in _SIGN.findall(latex))
    if max(accumulate(steps), default=0) > _DEEPEST:
        raise ValueError("nested too deep")
    try:
        found = _reader().convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise ValueError(str(error)) from None
    found = _STYLE.sub(lambda style: f' class="{style[1]}"' if style[1] else "", found)
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), found)


def _words(text: re.Match[str]) -> str:
    """Words in a formula; formulas inside them stand beside them instead."""
    pieces = _DOLLAR.split(text[1][1:-1])
    name = text[0][: -len(text[1])]
    return "".join(
        f"{{{piece}}}" if place % 2 else f"{name}{{{piece}}}" for place, piece in enumerate(pieces)
    )


@cache
def _reader() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(macros=_MACROS, fancy_error=False)
