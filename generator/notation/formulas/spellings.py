"""The spellings of a part's names, and how a run of letters is cut into names.

    yhat1, yhat_1, y_hat_1, hat_y_1, ŷ1, ŷ₁, \\hat{y}_{1}      are one name
    delta1, delta_1, δ1, \\delta_1                             are one name
    xsin, ab98cd, log_bx_0                                     are several

In a run the longest known name wins from the left, as far as what remains is known too.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from generator.model.errors import NotationError
from generator.notation.formulas.functions import SPELLINGS
from generator.notation.formulas.latex import ACCENTS, GREEK, LETTERS
from generator.notation.formulas.lexing import tokens
from generator.notation.formulas.scope import Known, Scope
from generator.notation.limits import RUN
from generator.notation.tokens import shown

CONSTANTS = {"pi": "pi", "π": "pi", "e": "e"}

_FUNCTIONS = {
    spelled: name
    for spelling, name in SPELLINGS.items()
    if spelling not in ("1", "𝟙", "I")
    for spelled in (spelling, spelling.capitalize(), spelling.upper())
    if spelled == spelling or len(spelling) > 1
} | dict(SPELLINGS.items() - {("1", "indicator"), ("𝟙", "indicator"), ("I", "indicator")})

# Functions that a letter or digit may follow at once: lnx, xsin2t.
_GLUED = frozenset(
    name
    for root in ("sin", "cos", "tan", "sec", "csc", "cot")
    for name in (root, root + "h", "a" + root, "a" + root + "h")
) | {"ln", "log", "log2", "log10", "exp", "sqrt"}

# Words that start like a function and are none: not sin(e) for sine.
_WORDS = {
    "sine": "sin",
    "sinus": "sin",
    "cosine": "cos",
    "cosinus": "cos",
    "tangent": "tan",
    "tangens": "tan",
    "secant": "sec",
    "cosecant": "csc",
    "cotangent": "cot",
    "logarithm": "log",
    "loge": "ln",
    "expo": "exp",
    "exponent": "exp",
    "exponential": "exp",
    "sqroot": "sqrt",
    "squareroot": "sqrt",
    "sigmoidal": "sigmoid",
    "rectifier": "relu",
}
_OF_NUMBERS = ("ln", "sqrt")  # of a number at once: ln2(x + 1) is ln(2) (x + 1), log3(x) is open

_LAMBDA = frozenset({"lam", "lambda", "λ"})  # a name in Python can't be lambda

# What may be meant by an unknown word, beside the names of a part.
_SUGGESTED = {f: f for f in _FUNCTIONS if len(f) > 3 and f[-1] != "'"} | _WORDS

_ACCENTS_BY_MARK = {mark: name for name, mark in ACCENTS.items()}
_ACCENT_NAMES = "|".join(ACCENTS)
_MARKS = "".join(ACCENTS.values())
_NAME = re.compile(
    rf"""(?:(?P<before>{_ACCENT_NAMES})_)?
    (?P<base>[{"".join(LETTERS)}]|[^\W\d_]+?)
    (?P<accent>[{_MARKS}]|_?(?:{_ACCENT_NAMES}))?
    (?P<sub>(?:[0-9][^\W_]*)?(?:_[^\W_]+)*)
    (?P<after>[{_MARKS}]|_?(?:{_ACCENT_NAMES}))?$""",
    re.VERBOSE,
)
_SUPERSCRIPT = re.compile(r"(.+)\^\{?[(\[]\s*(\w+)\s*[)\]]\}?$")
_DIGITS = re.compile(r"[0-9]+")
_UNBOUNDED = re.compile(r"[Ss]um_([^\W\d_])")
_SUB = re.compile(r"_?([^\W_]+)")
_SUBS = re.compile(r"_(\w+)")


class Piece(NamedTuple):
    """A part of a run: a name (in its one spelling), a function, a constant, a number or a sign."""

    kind: Literal["name", "function", "constant", "number", "sign", "word"]
    text: str
    start: int


@dataclass(frozen=True)
class Vocabulary:
    """`names`: every spelling of every name of a scope, to the name as declared. `exponential` are
    the letters e and E where they are names, and stand for no power of ten."""

    names: dict[str, str]
    exponential: str
    sequences: frozenset[str]
    suggestions: dict[str, str]
    longest: int
    clashes: dict[str, str]  # names that are spelled like a function: to that function

    def pieces(self, run: str, bound: frozenset[str], applied: bool) -> list[Piece] | None:
        """The run as names, functions and constants; None if some of it is unknown.

        `bound` are the indices of sums around it; `applied`: an argument follows the run.
        """
        if run in bound:
            return [Piece("name", run, 0)]
        if run in self.names:
            return [Piece("name", self.names[run], 0)]
        if applied and run in _FUNCTIONS:
            return [Piece("function", _FUNCTIONS[run], 0)]
        if applied and (unbounded := _UNBOUNDED.fullmatch(run)):
            index = Piece("word", unbounded.group(1), 4)
            return [Piece("function", "sum", 0), Piece("sign", "_", 3), index]
        size = len(run)
        if size > RUN:
            return None
        best: list[tuple[list[Piece], int] | None] = [None] * size
        for start in range(size - 1, -1, -1):
            for stop in range(min(size, start + self.longest), start, -1):
                first = self._first(run, start, stop, bound, applied)
                if first is not None and (first[1] == size or best[first[1]] is not None):
                    best[start] = first
                    break
        if size == 0 or best[0] is None:
            return None
        result: list[Piece] = []
        start = 0
        while start < size:
            found = best[start]
            assert found is not None
            result.extend(found[0])
            start = found[1]
        return None if _misses_a_word(run, result) else result

    def _first(
        self, run: str, start: int, stop: int, bound: frozenset[str], applied: bool
    ) -> tuple[list[Piece], int] | None:
        """What run[start:stop] is, with the subscript that goes with it, and where that ends."""
        part = run[start:stop]
        following = run[stop : stop + 1]
        if start and part.isdecimal() and part.isascii():
            ends = not (run[start - 1].isdecimal() or following.isdecimal())
            return ([Piece("number", part, start)], stop) if ends else None
        name = part if part in bound else self.names.get(part)
        if name is not None:
            if following == "_" or (following.isdecimal() and name in self.sequences):
                return self._item(run, start, stop, name, bound)
            split = not following.isdecimal() or ("_" in part and not part[-1].isdecimal())
            if split and following not in ACCENTS.values():
                return [Piece("name", name, start)], stop
            return None
        function = _FUNCTIONS.get(part)
        if function == "log" and following == "_":
            return self._based(run, start, stop, bound)
        if following and not (following.isalnum() and function in _GLUED):
            function = None
        if function is not None and (following or applied):
            return [Piece("function", function, start)], stop
        if following != "_" and not following.isdecimal():
            if part in CONSTANTS:
                return [Piece("constant", CONSTANTS[part], start)], stop
            if part == "I":
                return [Piece("name", "I", start)], stop
        if part == "I" and following == "_":
            found = _SUBS.match(run, stop) if run[stop + 1 :] in self.names else None
            found = found or _SUB.match(run, stop)
            indices = self._indices(found.group(1), found.start(1), bound) if found else []
            if found and len(indices) == 1:
                sign = Piece("sign", "_", stop)
                return [Piece("name", "I", start), sign, *indices], found.end()
        return None

    def _item(
        self, run: str, start: int, stop: int, name: str, bound: frozenset[str]
    ) -> tuple[list[Piece], int] | None:
        """An indexed name: h_t, h_2 of a sequence, W_ij with the indices of sums."""
        found = _SUB.match(run, stop)
        if found is None or name in bound:
            return None
        for sub in dict.fromkeys((found.group(1), found.group(1)[:1])):
            indices = self._indices(sub, found.start(1), bound)
            named = [piece.text for piece in indices if piece.text in bound]
            if indices and (name in self.sequences or named):
                pieces = [Piece("name", name, start), Piece("sign", "_", stop)]
                for piece in indices:
                    pieces += [Piece("sign", "," if len(pieces) > 2 else "{", stop), piece]
                return [*pieces, Piece("sign", "}", stop)], found.start(1) + len(sub)
        return None

    def _indices(self, sub: str, at: int, bound: frozenset[str]) -> list[Piece]:
        if sub.isdecimal():
            return [Piece("number", sub, at)]
        if sub in bound or sub in self.names:
            return [Piece("name", sub if sub in bound else self.names[sub], at)]
        if all(letter in bound for letter in sub):
            return [Piece("name", letter, at + i) for i, letter in enumerate(sub)]
        return []

    def _based(
        self, run: str, start: int, stop: int, bound: frozenset[str]
    ) -> tuple[list[Piece], int] | None:
        """A logarithm with its base: log_10, log_b in log_bx."""
        pieces = [Piece("function", "log", start), Piece("sign", "_", stop)]
        if digits := _DIGITS.match(run, stop + 1):
            return [*pieces, Piece("number", digits.group(), stop + 1)], digits.end()
        for end in range(min(len(run), stop + 1 + self.longest), stop + 1, -1):
            base = run[stop + 1 : end]
            if (base in self.names or base in bound) and run[end : end + 1] != "_":
                name = base if base in bound else self.names[base]
                return [*pieces, Piece("name", name, stop + 1)], end
            if base in CONSTANTS:
                return [*pieces, Piece("constant", CONSTANTS[base], stop + 1)], end
        return None

    def unknown(self, run: str, called: bool) -> str:
        """The refusal of a run, with the nearest known name."""
        what = f"there is no {'function ' if called else ''}{shown(run)} here"
        if run.startswith("sum_"):
            return f"{what}: write a sum with its bounds, as in sum_{{t=1}}^{{T}}"
        if "ˆ" in run:
            return f"{what}: is this ˆ a hat? Write it as in yhat; a power is written with ^"
        for char in run:
            if ord(char) > 127 and char.isalpha() and char not in LETTERS:
                return f"{what}: {char} is not a letter of the keyboard (U+{ord(char):04X})"
        near: list[str] = []
        if len(run) <= 2 * self.longest:
            loose = run.replace("_", "").lower()
            near = [s for s in self.suggestions if s.replace("_", "").lower() == loose]
            near = near or difflib.get_close_matches(run, self.suggestions, 1, 0.6)
        digits = re.fullmatch(r"(\D+?)_?([0-9]+)", run)
        if digits and digits.group(1) in self.names and near[:1] in ([], [digits.group(1)]):
            name, number = digits.groups()
            return f"{what}: for a product write {name}*{number}, for a power {name}^{number}"
        return f"{what}: did you mean {self.suggestions[near[0]]}?" if near else what


@lru_cache(maxsize=1024)
def vocabulary(scope: Scope) -> Vocabulary:
    """Every spelling of the names of a scope, made once for it."""
    names: dict[str, str] = {}
    spelled = [(known.name, s) for known in scope.names.values() for s in _given(known)]
    for name, spelling in spelled:
        names.setdefault(spelling, name)
    for name, spelling in spelled:
        for variant in variants(spelling):
            names.setdefault(variant, name)
    sizes = sorted(scope.symbols)
    for size in sizes:
        names.setdefault(size, size)
    for size in sizes:
        for variant in variants(size):
            names.setdefault(variant, size)
    return Vocabulary(
        names=names,
        exponential="".join(letter for letter in "eE" if letter in names),
        sequences=frozenset(k.name for k in scope.names.values() if k.length is not None),
        suggestions=_SUGGESTED | {s: n for n, s in spelled},
        longest=max([len("leaky_relu"), *map(len, names)]),
        clashes={n: _FUNCTIONS[s] for n, s in spelled if is_function(s)},
    )


def is_function(word: str) -> bool:
    """Whether a word calls a function, so that a name of this spelling is no factor of a bracket
    right behind it: sigma(x). The letter H is most often a matrix."""
    return word in _FUNCTIONS and word != "H"


def _misses_a_word(run: str, pieces: list[Piece]) -> bool:
    """Whether a function and the pieces behind it make up another word: s i n e, s i n u s."""
    ends = {piece.start for piece in pieces} | {len(run)}
    starts = [piece.start for piece in pieces if piece.kind == "function"]
    lowered = run.lower()
    return any(
        lowered.startswith(word, start) and start + len(word) in ends
        for start in starts
        for word in _WORDS
    )


def product_meant(run: str, pieces: list[Piece]) -> str:
    """How to write a run such as log3 or sin2 as a factor, where it might as well be one function
    of the bracket right behind it; nothing where it is clear."""
    starts = [at for at, piece in enumerate(pieces) if piece.kind == "function"]
    if not starts or pieces[-1].kind not in ("number", "constant"):
        return ""
    function, argument = pieces[starts[-1]], pieces[starts[-1] + 1 :]
    if function.text in _OF_NUMBERS or not argument or argument[0].kind == "sign":
        return ""
    start = argument[0].start
    return f"{run[function.start : start]}({run[start:]})*(...)"


@lru_cache(maxsize=4096)
def variants(spelling: str) -> tuple[str, ...]:
    """The other spellings of a name: with and without _ before digits, accents before, after and
    above, Greek by name and letter.

    >>> "ŷ_1" in variants("yhat1"), "δ1" in variants("delta_1"), "v_c" in variants("v_c")
    (True, True, True)
    """
    found = _NAME.match(spelling)
    if found is None:
        return (spelling,)
    base, sub = found["base"], found["sub"]
    accent = found["before"] or found["accent"] or found["after"] or ""
    accent = _ACCENTS_BY_MARK.get(accent, accent).strip("_")
    bases = {base, GREEK.get(base, base), LETTERS.get(base, base)}
    if bases & _LAMBDA:
        bases |= _LAMBDA
    bare = sub.removeprefix("_")
    subs = {bare, "_" + bare} if bare[:1].isdecimal() else {sub}
    subs |= {f"_{each[bare]}" for each in (GREEK, LETTERS) if bare in each}
    if not accent:
        return tuple(b + s for b in bases for s in subs)
    marks = [ACCENTS[accent], accent, "_" + accent]
    after = [b + m + s for b in bases for m in marks for s in subs]
    before = [f"{accent}_{b}{s}" for b in bases for s in subs]
    behind = [b + s + m for b in bases for m in marks for s in subs] if sub else []
    return (*after, *before, *behind)


@lru_cache(maxsize=4096)
def _given(known: Known) -> tuple[str, ...]:
    """A name and its aliases, as runs."""
    result = []
    for spelling in (known.name, *known.aliases):
        if found := _SUPERSCRIPT.match(spelling):
            spelling = f"{found.group(1)}_{found.group(2)}"
        try:
            parts, _ = tokens(spelling)
        except NotationError:
            continue
        if [part.kind for part in parts] == ["word", "end"]:
            result.append(parts[0].text)
        elif [part.text for part in parts[1:]] == ["'", ""]:
            result.append(parts[0].text + "'")
    return tuple(result)
