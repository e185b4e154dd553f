"""Answers made of labels: which options, and in which order."""

from __future__ import annotations

import re
import unicodedata

from generator.model.answers import labels
from generator.model.errors import NotationError
from generator.notation.limits import check_length
from generator.notation.tokens import shown

_NONE = {"none", "none of them", "none of these", "none of the above", "nothing"}
_FILLERS = {
    *("option", "options", "answer", "answers", "choice", "choices", "letter", "letters"),
    *("line", "lines", "picture", "program", "condition", "conditions", "number", "numbers"),
    *("only", "both"),
}
_AND = re.compile(r"(?<=\w) [ey] (?=\w)")  # Italian and Spanish; in A e C, or is it the option E?
_AND_OR_E = re.compile(r"(?<=[A-D]) e (?=[A-Z]\b)")
_IN_OTHER_LANGUAGES = {"yes": ("ja", "oui", "si", "sì", "sí"), "no": ("nein", "non")}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")

_NUMBER = re.compile(r"\W*[-.]\d")  # -1 or .1, which is not the option 1; a dash in "- 1" lists

# What LaTeX puts around labels and between them, and other arrows; read as blanks and as >.
_AROUND = re.compile(r"\\(?:text|boxed|math)[a-z]*(?=\s*\{)|\\(?=[{}])|\$")
_ARROW = re.compile(r"\\(?:to|(?:long)?rightarrow|Rightarrow)\b|[=-]+>|⇒|⟶")
_CHAIN = re.compile(r"\s*(?:\d+|\w)(?:( ?)[-–—]\1(?:\d+|\w))+\s*")  # C-A-B, not 3 -1
_BACK = re.compile(r"<|←|\\(?:leftarrow|gets)\b")
_DASH = re.compile(r"[-–—]")
_COUNTED = re.compile(r"(?<![\w.])(\d+)[.):](?=\s*\(?[A-Za-z]\b)")  # 1. C 2. A 3. B

# A piece that names no option is split by the next of these, and last into letters.
_BETWEEN = [re.compile(p) for p in (r"[,;&\n\r\t>→]", r"\b(?:and|then|und|et|ed)\b|[/|+]", r"\s")]


def read_labels(text: str, options: tuple[str, ...], several: bool = True) -> frozenset[str]:
    """The keys of the options that `text` names by label or key; `none` is the empty set.

    Only where `several` may be right are labels also read when run together, as in `ac`.

    >>> sorted(read_labels("A and (c)", ("red", "green", "blue")))
    ['blue', 'red']
    """
    check_length(text)
    word = _normal(text)
    if text.strip() in ("{}", "∅") or (word in _NONE and word not in _spellings(options)):
        return frozenset()
    return frozenset(key for key, _ in _named(text, options, several))


def read_order(text: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of the options in the order in which `text` names them, each once.

    >>> read_order("b > a", ("first", "second"))
    ('second', 'first')
    """
    check_length(text)
    if back := _BACK.search(text):
        problem = (
            f"{shown(back[0])} may stand for before, or for an arrow back: write the order from "
            "the first to the last, with commas"
        )
        raise NotationError(problem, text, back.start())
    seen: dict[str, None] = {}
    spelled = dict(zip(options, labels(options), strict=True))
    spelled_out = _DASH.sub(",", text) if _CHAIN.fullmatch(text) else _uncounted(text, options)
    for key, at in _named(text, options, True, spelled_out):
        if key in seen:
            raise NotationError(f"{spelled[key]} is here twice", text, at)
        seen[key] = None
    missing = [spelled[key] for key in options if key not in seen]
    if missing:
        what = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        raise NotationError(f"{what}: an order names each of {_known(options)} once", text)
    return tuple(seen)


def _uncounted(text: str, options: tuple[str, ...]) -> str:
    """The text without numbers that count its letters off, one for each and in their order."""
    counted = [match[1] for match in _COUNTED.finditer(text)]
    if counted != [str(place) for place in range(1, len(options) + 1)]:
        return text
    return _COUNTED.sub(_blank, text)


def _named(
    text: str, options: tuple[str, ...], runs: bool, spelled: str = ""
) -> list[tuple[str, int]]:
    """Key and place of each option that `text` names; `spelled` is the same in other signs, each
    in its place."""
    names = _spellings(options)
    plain = _AROUND.sub(_blank, _ARROW.sub(_arrow, spelled or text))

    def refused(piece: str, at: int) -> NotationError:
        problem = f"{shown(piece)} is not one of the choices"
        return NotationError(f"{problem}: answer with {_known(options)}", text, at)

    def find(piece: str, at: int, level: int) -> list[tuple[str, int]]:
        """The options in a piece of the text, which is split as long as it names none itself."""
        word = _normal(piece)
        at += len(piece) - len(piece.lstrip())
        piece = piece.strip()
        if word.replace(" ", "").isdigit() and _NUMBER.match(piece):
            raise refused(piece, at)
        if word in names:
            return [(names[word], at)]
        if not word or (word in _FILLERS and level > 0):
            return []
        if level == len(_BETWEEN):
            if runs and len(set(word)) == len(word) and set(word) <= set(names):
                return [(names[letter], at) for letter in word]
            raise refused(piece, at)
        found: list[tuple[str, int]] = []
        start = 0
        for match in _BETWEEN[level].finditer(piece):
            found += find(piece[start : match.start()], at + start, level + 1)
            start = match.end()
        return found + find(piece[start:], at + start, level + 1)

    if "e" in names and (match := _AND_OR_E.search(plain)):
        problem = "does this e mean and, or the option E? Write commas between options"
        raise NotationError(problem, text, match.start() + 1)
    found = find(plain if {"e", "y"} & names.keys() else _AND.sub(" , ", plain), 0, 0)
    if not found:
        raise NotationError(f"there is no choice here: answer with {_known(options)}", text)
    return found


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _arrow(found: re.Match[str]) -> str:
    return ">".ljust(len(found[0]))


def _spellings(options: tuple[str, ...]) -> dict[str, str]:
    """What names each option: its label, its key, and iii where labels are numbers."""
    shown_as = labels(options)
    names = {_normal(key): key for key in options}
    names |= {_normal(label): key for label, key in zip(shown_as, options, strict=True)}
    for label, key in zip(shown_as, options, strict=True):
        if label.isdigit() and 0 < int(label) <= len(_ROMAN):
            names.setdefault(_ROMAN[int(label) - 1], key)
    for key in options:
        for word in _IN_OTHER_LANGUAGES.get(_normal(key), ()):
            names.setdefault(word, key)
    return names


def _normal(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_-]+", " ", plain).strip(" .:()[]{}\"'*-")


def _known(options: tuple[str, ...]) -> str:
    known = labels(options)
    return ", ".join(known) if len(known) < 8 else f"{known[0]} to {known[-1]}"
