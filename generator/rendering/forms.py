"""The blank answer form of a sheet.

A form is YAML whose values are all text. Its comments repeat the prompts and say what kind of
answer each entry takes; it is made from the prompts alone and says nothing of the truths.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    Formula,
    Group,
    Number,
    Order,
    PartialOrder,
    Witness,
    labels,
)
from generator.model.expects import expects
from generator.rendering.documents import letter, points
from generator.rendering.spoken import prompt
from generator.sheets import Question, Sheet

WIDTH = 96
_HELP = """\
Answer form. Write each answer between the quotes and leave everything else as it is.

  numbers    -1/8   0.125   1e-3   2^-3   sqrt(2)
  vectors    [1, 2, 3]   (1, 2, 3)
  matrices   [[1, 2], [3, 4]]   [1 2; 3 4]
  sizes      3x4   (3, 4)   a vector of 3 numbers: 3
  choices    the letter or number in front of the option; several: A, C
  orders     all of them, first to last: B, A, C
  formulas   e^(c - m)   x^2/(1 + x)   U^T (yhat - y)   LaTeX

"grader check FILE" shows how each answer is read. An answer left empty counts as not given."""
_WORDS = {
    "shape": "a size, as in 3x4; for a vector its number of entries",
    "interval": "an interval, as in (-inf, 2]",
    "set": "a set of numbers, as in {1, 2}",
}


def form(sheet: Sheet) -> str:
    """The blank form. The same sheet gives the same text."""
    lines = [
        *_comment(_HELP),
        "",
        f"sheet: {_quoted(sheet.sheet_id)}",
        f"student: {_quoted(sheet.student.id)}",
    ]
    for question in sheet.questions:
        lines += ["", *_comment(f"{question.slot}  {question.exercise.title}")]
        lines += [f"{question.slot}:", *_entries(question)]
    asked = {question.slot: question.truths for question in sheet.questions}
    lines += ["", *_comment("What each answer is read as; leave this as it is."), "expects:"]
    lines += _tree(expects(asked), 1)
    return "\n".join(lines) + "\n"


def expected(truth: Answer) -> str:
    """What kind of answer a part takes, in words; no size that could give an answer away."""
    match truth:
        case Number(integer=True):
            return f"a whole number{_form(truth)}"
        case Number(tolerance=tolerance) if not truth.form:
            return f"a number, as in -1/8 or 0.125; exact, or to {tolerance.precision} at least"
        case Number():
            return f"a number{_form(truth)}"
        case Array() if truth.value.ndim == 1:
            return f"a vector, as in [1, 2, 3]{_form(truth, 'each entry ')}"
        case Array():
            return f"a matrix, as in [[1, 2], [3, 4]]{_form(truth, 'each entry ')}"
        case Choice(several=True):
            return f"all that apply of {', '.join(labels(truth.options))}"
        case Choice():
            return f"one of {', '.join(labels(truth.options))}"
        case PartialOrder():
            return f"all of {', '.join(labels(truth.options))} in a right order, with commas"
        case Order():
            return f"all of {', '.join(labels(truth.options))} in the right order, with commas"
        case Edges():
            nodes = f" between {', '.join(truth.nodes)}" if truth.nodes else ""
            return f"arrows{nodes}, as in a -> b, b -> c"
        case Formula():
            names = truth.only or tuple(truth.names)
            return f"a formula{' in ' if names else ''}{', '.join(names)}{_form(truth)}"
        case Witness():
            return "any values that satisfy what is asked; there are many"
        case Group():
            return "one entry each"
    return _WORDS[truth.kind]


def _form(truth: Answer, of: str = "") -> str:
    """How the answer must be written, as the end of what is expected."""
    asked = " and ".join(form.asked for form in truth.forms)
    return f"; {of}{asked}" if asked else ""


def _entries(question: Question) -> Iterator[str]:
    for place, (name, truth) in enumerate(question.truths.items()):
        head = f"({letter(place)}) {points(question.points[name])}"
        asked = prompt(question, name, WIDTH - 8)
        yield ""
        yield from _comment(head, indent=2)
        yield from _comment(asked, indent=2)
        yield from _entry(name, truth)


def _entry(name: str, truth: Answer, indent: int = 2) -> Iterator[str]:
    yield from _comment(f"Expected: {expected(truth)}.", indent)
    space = " " * indent
    if isinstance(truth, Group):
        yield f"{space}{name}:"
        for member, each in truth.members.items():
            yield from _entry(member, each, indent + 2)
    elif isinstance(truth, Witness):
        yield f"{space}{name}:"
        for field, shape in truth.shapes.items():
            yield f'{space}  {field}: ""  # {field_shape(shape)}'
    else:
        yield f'{space}{name}: ""'


def field_shape(shape: tuple[int | None, ...]) -> str:
    """The size of a witness's field, in words."""
    sizes = ["any" if size is None else str(size) for size in shape]
    match sizes:
        case []:
            return "a number"
        case ["any"]:
            return "a vector, as long as you like"
        case [size]:
            return f"a vector of {size} number{'' if size == '1' else 's'}"
        case [rows, columns]:
            return f"a matrix, {rows} x {columns}"
    return " x ".join(sizes)


def _tree(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, each in tree.items():
        if isinstance(each, Mapping):
            yield f"{'  ' * depth}{name}:"
            yield from _tree(each, depth + 1)
        else:
            yield f"{'  ' * depth}{name}: {_quoted(each)}"


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    """Comment lines, none longer than WIDTH unless a word is."""
    margin = " " * indent + "#"
    for line in text.split("\n"):
        if not line.isprintable():
            line = "".join(c if c.isprintable() else " " for c in line)
        printable = line.rstrip()
        if not printable:
            yield margin
        elif len(printable) < WIDTH - len(margin):
            yield f"{margin} {printable}"
        else:
            hang = " " * (len(printable) - len(printable.lstrip()) + 2)
            wrapped = textwrap.wrap(
                printable, WIDTH - len(margin) - 1,
                subsequent_indent=hang if len(hang) > 2 else "",
                break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
            )  # fmt: skip
            yield from (f"{margin} {each}" for each in wrapped)


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar on one line."""
    body = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{body}"'
