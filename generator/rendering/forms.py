"""The blank answer form of a sheet.

A form is YAML whose values are all text. Its comments repeat the prompts and say what kind of
answer each entry takes; it is made from the prompts alone and says nothing of the truths.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, reduce
from typing import Any

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    PartialOrder,
    Shape,
    Tolerance,
    Witness,
    labels,
)
from generator.model.expects import expects
from generator.model.form import DECIMALS, Form
from generator.rendering.documents import letter, points
from generator.rendering.spoken import prompt
from generator.rendering.words import LANGUAGES, FormWords, Words
from generator.sheets import Question, Sheet

WIDTH = 96
_NO_BREAK = "\u00a0"  # a space that French has before a colon
_CHECK = "grader check FILE"
_ENGLISH = LANGUAGES["en"]


def form(sheet: Sheet) -> str:
    """The blank form, with comments in the assignment's language. The same sheet gives the same
    text."""
    words = LANGUAGES[sheet.assignment.language]
    lines = [
        *_comment(_help(sheet.assignment.language)),
        "",
        f"sheet: {_quoted(sheet.sheet_id)}",
        f"student: {_quoted(sheet.student.id)}",
        *([f"seal: {_quoted(sheet.seal)}"] if sheet.seal else ()),
    ]
    for question in sheet.questions:
        lines += ["", *_comment(f"{question.slot}  {question.exercise.title}")]
        lines += [f"{question.slot}:", *_entries(question, words)]
    asked = {question.slot: question.truths for question in sheet.questions}
    lines += ["", *_comment(words.form.expects), "expects:"]
    lines += _tree(expects(asked), 1)
    return "\n".join(lines) + "\n"


@cache
def _help(language: str) -> str:
    words = LANGUAGES[language].form
    rows = {
        words.numbers: "-1/8   0.125   1e-3   2^-3   sqrt(2)",
        words.vectors: "[1, 2, 3]   (1, 2, 3)",
        words.matrices: "[[1, 2], [3, 4]]   [1 2; 3 4]",
        words.sizes: f"3x4   (3, 4)   {words.size_of_vector.format(example='3')}",
        words.choices: words.how_to_choose.format(example="A, C"),
        words.orders: words.how_to_order.format(example="B, A, C"),
        words.formulas: "e^(c - m)   x^2/(1 + x)   U^T (yhat - y)   LaTeX",
    }
    width = max(map(len, rows))
    shown = "\n".join(f"  {name:{width}}   {row}" for name, row in rows.items())
    return f"{words.title}\n\n{shown}\n\n{words.ending.format(command=_CHECK)}"


def expected(truth: Answer, words: FormWords = _ENGLISH.form) -> str:
    """What kind of answer a part takes, in words; no size that could give an answer away."""
    match truth:
        case Number(integer=True):
            return f"{words.whole_number}{_forms(truth, words)}"
        case Number(tolerance=tolerance) if not truth.form:
            return words.number_or_rounded.format(precision=_precision(tolerance, words))
        case Number():
            return f"{words.number}{_forms(truth, words)}"
        case Array() if truth.value.ndim == 1:
            shown = words.vector.format(example="[1, 2, 3]")
            return f"{shown}{_forms(truth, words, words.each_entry)}"
        case Array():
            shown = words.matrix.format(example="[[1, 2], [3, 4]]")
            return f"{shown}{_forms(truth, words, words.each_entry)}"
        case Choice(several=True):
            return words.all_that_apply.format(options=", ".join(labels(truth.options)))
        case Choice():
            return words.one_of.format(options=", ".join(labels(truth.options)))
        case PartialOrder():
            return words.a_right_order.format(options=", ".join(labels(truth.options)))
        case Order():
            return words.right_order.format(options=", ".join(labels(truth.options)))
        case Edges(nodes=nodes):
            shown = words.arrows_between if nodes else words.arrows
            return shown.format(nodes=", ".join(nodes), example="a -> b, b -> c")
        case Formula():
            names = ", ".join(truth.only or truth.names)
            shown = words.formula_in.format(names=names) if names else words.formula
            return f"{shown}{_forms(truth, words)}"
        case Shape():
            return words.size.format(example="3x4")
        case Interval():
            return words.interval.format(example="(-inf, 2]")
        case FiniteSet():
            return words.set_of_numbers.format(example="{1, 2}")
        case Witness():
            return words.witness
        case Group():
            return words.group
    raise TypeError(truth)


def _precision(tolerance: Tolerance, words: FormWords) -> str:
    if tolerance.significant:
        return _figures(tolerance.significant, words)
    return _decimals(tolerance.decimals, words)


def _decimals(count: int, words: FormWords) -> str:
    return (words.one_decimal if count == 1 else words.decimals).format(count=count)


def _figures(count: int, words: FormWords) -> str:
    return (words.one_figure if count == 1 else words.figures).format(count=count)


def _forms(truth: Answer, words: FormWords, of: str = "{form}") -> str:
    """How the answer must be written, as the end of what is expected."""
    asked = [_asked(form, words) for form in truth.forms]
    if not asked:
        return ""
    joined = reduce(lambda first, second: words.also.format(first=first, second=second), asked)
    return f"; {of.format(form=joined)}"


def _asked(form: Form, words: FormWords) -> str:
    if form.name in words.asked:
        return words.asked[form.name]
    counted = _decimals if form.name == DECIMALS else _figures
    return words.written_with.format(digits=counted(form.digits, words))


def _entries(question: Question, words: Words) -> Iterator[str]:
    for place, (name, truth) in enumerate(question.truths.items()):
        head = f"({letter(place)}) {points(question.points[name], words)}"
        asked = prompt(question, name, WIDTH - 8)
        yield ""
        yield from _comment(head, indent=2)
        yield from _comment(asked, indent=2)
        yield from _entry(name, truth, words.form)


def _entry(name: str, truth: Answer, words: FormWords, indent: int = 2) -> Iterator[str]:
    yield from _comment(words.expected.format(what=expected(truth, words)), indent)
    space = " " * indent
    if isinstance(truth, Group):
        yield f"{space}{name}:"
        for member, each in truth.members.items():
            yield from _entry(member, each, words, indent + 2)
    elif isinstance(truth, Witness):
        yield f"{space}{name}:"
        for field, shape in truth.shapes.items():
            yield f'{space}  {field}: ""  # {field_shape(shape, words)}'
    else:
        yield f'{space}{name}: ""'


def field_shape(shape: tuple[int | None, ...], words: FormWords = _ENGLISH.form) -> str:
    """The size of a witness's field, in words."""
    sizes = [words.any_size if size is None else str(size) for size in shape]
    match shape:
        case ():
            return words.number
        case (None,):
            return words.any_vector
        case (1,):
            return words.vector_of_one
        case (size,):
            return words.vector_of.format(count=size)
        case (_, _):
            return words.matrix_of.format(rows=sizes[0], columns=sizes[1])
    return " x ".join(sizes)


def _tree(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, each in tree.items():
        if isinstance(each, Mapping):
            yield f"{'  ' * depth}{name}:"
            yield from _tree(each, depth + 1)
        else:
            yield f"{'  ' * depth}{name}: {_quoted(each)}"


@lru_cache(maxsize=4096)  # most are the same for many students
def _comment(text: str, indent: int = 0) -> tuple[str, ...]:
    """Comment lines, none longer than WIDTH unless a word is."""
    return tuple(_comment_lines(text, " " * indent + "#"))


def _comment_lines(text: str, margin: str) -> Iterator[str]:
    for line in text.split("\n"):
        if not line.isprintable():
            line = "".join(c if c.isprintable() or c == _NO_BREAK else " " for c in line)
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


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """A YAML double-quoted scalar on one line."""
    body = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{body}"'
