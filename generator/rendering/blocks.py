"""The blocks of a question: its statement, and the prompt and solution of each part, as LaTeX.

A statement or prompt is rendered from a context in which the truths do not occur: the exercise
comes as a `View`, which has its fields, properties and helper methods, but not its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from types import MethodType, SimpleNamespace
from typing import Any

from generator.model.answers import Answer, Choice, Group, Order, labels
from generator.model.errors import AuthoringError
from generator.model.exercise import Exercise, WitnessPart
from generator.model.figure import Figure
from generator.model.values import Tex
from generator.rendering.environment import render_block
from generator.rendering.figures import FigureWriter
from generator.rendering.mathematics import latex
from generator.rendering.native import native
from generator.sheets import Question

_PICTURE = re.compile(r"\A\\begin\{center\}\n(% Figure:.*)\n\\end\{center\}\Z", re.DOTALL)
_PARAGRAPHS = re.compile(r"\n\s*\n|\\par\b|\\\[|\\begin\{(?!tikz|[bp]?matrix|cases|aligned)")
_TEXTS = frozenset({str})
_CLOSED = frozenset({"truths", "verify", "sample", "options", "drawn_fields", "parts"})


class View:
    """What a template sees of an exercise; a part, a mistake or the truths are not there."""

    def __init__(self, exercise: Exercise) -> None:
        hidden = set(_CLOSED)
        for name, part in exercise.parts.items():
            hidden |= {name, *part.mistakes}
            if isinstance(part, WitnessPart):
                rules = (part.predicate, part.behaviour)
                hidden |= {rule.__name__ for rule in rules if rule is not None}

        def look(name: str) -> Any:
            if name.startswith("_") or name in hidden:
                raise AttributeError(f"a template cannot see {name} of an exercise")
            found = getattr(exercise, name)
            return partial(_told_once, found) if isinstance(found, MethodType) else found

        self._look = look

    def __getattr__(self, name: str) -> Any:
        found = self._look(name)
        if not isinstance(found, Iterator):
            vars(self)[name] = found  # what it is does not change
        return found


class _Writer:
    """A writer of figures that counts them."""

    def __init__(self, write: FigureWriter) -> None:
        self.write = write
        self.drawn = 0

    def __call__(self, figure: Figure) -> Tex:
        self.drawn += 1
        return self.write(figure)


def _told_once(helper: MethodType, *arguments: Any, **named: Any) -> Any:
    """What a helper method gives; a figure or text is remembered, for a sheet and its form both
    need it."""
    told = vars(helper.__self__).setdefault("_told", {})
    asked: Any = helper.__name__, arguments
    if named or not _TEXTS.issuperset(map(type, arguments)):
        given = [*arguments, *named.items()]
        if not all(isinstance(each, str | bool | tuple) for each in given):
            return helper(*arguments, **named)
        asked = helper.__name__, repr(given)  # in which 1 is not True
    if asked not in told:
        found = helper(*arguments, **named)
        if not isinstance(found, Figure | str):
            return found
        told[asked] = found
    return told[asked]


def statement(question: Question, figure: FigureWriter = native) -> Tex:
    """What the question says before its parts."""
    return _rendered(question, "statement", _open(question, figure))


def prompt(question: Question, part: str, figure: FigureWriter = native) -> Tex:
    """What one part asks."""
    truth = question.truths[part]
    known: dict[str, tuple[Any, Tex]] = vars(question.exercise).setdefault("_prompts", {})
    if part in known and known[part][0] is question.truths:
        return known[part][1]
    context = _open(question, figure)
    writer = context["figure"]
    before = writer.drawn
    more = {"choices": lambda wording: _options(truth, wording, part)}
    text = _rendered(question, f"prompt_{part}", context, more)
    if writer.drawn == before:  # it reads the same for every writer, as a sheet and its form need
        known[part] = question.truths, text
    return text


def solution(question: Question, part: str, figure: FigureWriter = native) -> Tex:
    """How one part is solved, with its true answer at hand."""
    truth = question.truths[part]
    more = {
        "truth": SimpleNamespace(**{name: each.value for name, each in question.truths.items()}),
        "answer": truth.value,
        "label": lambda key: _label(truth, key, part),
    }
    return _rendered(question, f"solution_{part}", _open(question, figure), more)


def template_name(kind: type[Exercise]) -> str:
    """The template of an exercise: the path of its file, under `exercises`."""
    topic, name = kind.__module__.split(".")[-2:]
    return f"exercises/{topic}/{name}.tex.j2"


def _rendered(
    question: Question, block: str, context: Mapping[str, Any], more: Mapping[str, Any] = {}
) -> Tex:
    return Tex(render_block(template_name(type(question.exercise)), block, context, more))


def _open(question: Question, figure: FigureWriter) -> Mapping[str, Any]:
    return _seen(question.exercise, tuple(question.truths), figure)


@lru_cache(maxsize=8)  # its blocks are rendered one after another, and have the same objects
def _seen(exercise: Exercise, asked: tuple[str, ...], figure: FigureWriter) -> Mapping[str, Any]:
    return {
        **{name: getattr(exercise, name) for name in exercise.drawn_fields()},
        "this": View(exercise),
        "figure": _Writer(figure),
        "asked": asked,
    }


def _labels(truth: Answer) -> list[dict[str, str]]:
    """key -> label of every choice or order that a part consists of."""
    members = truth.members.values() if isinstance(truth, Group) else (truth,)
    return [
        dict(zip(each.options, labels(each.options), strict=True))
        for each in members
        if isinstance(each, Choice | Order)
    ]


def _options(truth: Answer, wording: Mapping[str, Any], part: str) -> Tex:
    """The labelled list of a part's options, in the order of the answer."""
    shown = next((each for each in _labels(truth) if set(each) == set(wording)), None)
    if shown is None:
        asked = " or ".join(str(sorted(each)) for each in _labels(truth)) or "no options"
        raise AuthoringError(f"choices of {sorted(map(str, wording))}: part {part} has {asked}")
    options = {label: _in_line(latex(wording[key]).strip()) for key, label in shown.items()}
    items = "\n".join(rf"\item[{label}.] {option}" for label, option in options.items())
    # Options of one paragraph may stand side by side: the list has a style, the first one's label.
    style = "" if any(map(_PARAGRAPHS.search, options.values())) else f"[{next(iter(options))}.]"
    return Tex(f"\\begin{{enumerate}}{style}\n{items}\n\\end{{enumerate}}")


def _in_line(option: str) -> str:
    """A picture stands beside its label, which is half-way up."""
    return _PICTURE.sub(r"\\raisebox{-.5\\height}{%\n\1}", option)


def _label(truth: Answer, key: str, part: str) -> Tex:
    for shown in _labels(truth):
        if key in shown:
            return Tex(shown[key])
    raise AuthoringError(f"label({key!r}): part {part} has no such option")
