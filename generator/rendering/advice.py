"""Advice on mistakes as LaTeX: text in which mathematics stands between dollars, as it is typed.

In a terminal the advice reads as typed, without the dollars: `z1 < 0`, `W1 x + b1`. On paper the
same becomes a formula. Nothing is judged here, so no name needs a shape.

The grammar of answers is no reader for it: there the left side of `x = -b/v` is dropped, `z1 < 0`
is an indicator, `1/2` is printed as a fraction, and `dL/do` or a function without its argument has
no tree. Half of the catalogue's advice would read otherwise or not at all.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.model.errors import AuthoringError
from generator.model.values import Tex
from generator.rendering.escaping import escape

_TOKEN = re.compile(
    r"""\s*(?:
        d(?P<top>[A-Za-z])/d(?P<bottom>[A-Za-z]\w*)       # dL/do
      | \^(?P<power>\([^()]*\)|-?\w+)                      # x^2, W^T, e^(a + c)
      | (?P<name>[A-Za-z]+)(?:_?(?P<index>\d+))?(?P<prime>'*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<sign><=|>=|->|[-+=<>/,.:(){}|])
    )""",
    re.VERBOSE,
)
_GREEK = {name: rf"\{name}" for name in ("alpha", "delta", "eta", "lambda", "sigma", "theta")} | {
    "epsilon": r"\varepsilon"
}
_FUNCTIONS = {name: rf"\{name}" for name in ("cos", "exp", "ln", "max", "min", "sin", "tanh")} | {
    name: rf"\operatorname{{{name}}}" for name in ("ReLU", "sign", "softmax")
}
_SIGNS = {"<=": r"\le", ">=": r"\ge", "->": r"\to", "{": r"\{", "}": r"\}"}


@lru_cache(maxsize=1024)  # an exercise gives the same advice on every sheet
def typeset(advice: str) -> Tex:
    """Advice as LaTeX. AuthoringError for mathematics that has something else in it."""
    texts = advice.split("$")
    return Tex(
        "".join(
            f"${formula(text)}$" if place % 2 else escape(text) for place, text in enumerate(texts)
        )
    )


def formula(typed: str) -> Tex:
    r"""Typed mathematics as LaTeX.

    >>> formula("z1 <= 1/2")
    'z_{1} \\le 1 / 2'
    """
    found: list[str] = []
    place, bars = 0, 0
    while place < len(typed.rstrip()):
        token = _TOKEN.match(typed, place)
        if token is None:
            raise AuthoringError(f"{typed!r} in advice: {typed[place:]!r} is not mathematics")
        if token["sign"] == "|":
            found.append(r"\rvert" if bars % 2 else r"\lvert")
            bars += 1
        else:
            found.append(_written(token))
        place = token.end()
        called = token["name"] in _FUNCTIONS or len(token["name"] or "xx") > 1
        if token["name"] and not called and re.match(r" +\w+\(", typed[place:]):
            found.append(r"\,")  # c g(x): the factor is not a part of the function's name
    return Tex(" ".join(found))


def _written(token: re.Match[str]) -> str:
    if token["top"]:
        return rf"\partial {token['top']} / \partial {formula(token['bottom'])}"
    if token["power"]:
        inside = token["power"].removeprefix("(").removesuffix(")")
        return r"^{\mathsf{T}}" if inside == "T" else f"^{{{formula(inside)}}}"
    if token["name"]:
        return _name(token["name"], token["index"] or "", token["prime"])
    return token["number"] or _SIGNS.get(token["sign"], token["sign"])


def _name(letters: str, index: str, prime: str) -> str:
    if len(letters) > 1 and letters not in _GREEK | _FUNCTIONS:
        raise AuthoringError(f"{letters!r} in advice is not the name of a quantity or a function")
    shown = _GREEK.get(letters) or _FUNCTIONS.get(letters) or letters
    return f"{shown}{prime}" + (f"_{{{index}}}" if index else "")
