"""Certified instances: a draw is handed out only when its truths are proven and its marks decisive.

A draw is accepted only if

* `verify()` agrees with every part by an independent route;
* every mistake lies more than five tolerances from the truth of its part, and from the truth of
  every other part that could be confused with it;
* every truth, rounded to the precision asked for, is still right, and so is everything that a
  student computes from the rounded values;
* every truth can be written in the form that its part asks for, and is right then.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Formula,
    Group,
    Number,
    Order,
    PartialOrder,
    Witness,
)
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import Exercise, Rejected, WitnessPart
from generator.model.values import apply
from generator.notation import read_array, read_number
from generator.notation.form import missing, write_in
from generator.notation.formulas.alike import alike
from generator.notation.formulas.written import read_formula
from generator.sampling import Rng

DRAWS = 200
CLEARANCE = 5


@dataclass(frozen=True)
class Certified:
    """An accepted draw, its truths, and why earlier draws of the same stream were not accepted.

    `mistakes` names, for each part, those that the instance gives occasion for."""

    exercise: Exercise
    truths: dict[str, Answer]
    mistakes: dict[str, tuple[str, ...]]
    rejections: Counter[str]


def certify(
    kind: type[Exercise], rng: Rng, options: Mapping[str, Any], seed: str = ""
) -> Certified:
    """Draw from `rng` until a draw passes; AuthoringError after 200 draws that don't.

    `seed` is only named in the error. A draw whose truth `verify()` contradicts is an error at
    once: an exercise that is wrong somewhere is not to be trusted elsewhere.
    """
    rejections: Counter[str] = Counter()
    for _ in range(DRAWS):
        try:
            exercise = kind.sample(rng, **options)
            truths = exercise.truths()
            mistakes = examine(exercise, truths)
            return Certified(exercise, truths, mistakes, rejections)
        except Rejected as reason:
            rejections[str(reason)] += 1
        except (Disagreement, AuthoringError) as error:
            raise type(error)(f"{_place(kind, seed)}: {error}") from error
        except Exception as error:
            raise AuthoringError(
                f"{_place(kind, seed)}: {type(error).__name__}: {error}"
            ) from error
    reasons = "; ".join(f"{count} times {reason}" for reason, count in rejections.most_common(3))
    raise AuthoringError(f"{_place(kind, seed)}: no draw of {DRAWS} could be certified ({reasons})")


def examine(exercise: Exercise, truths: dict[str, Answer]) -> dict[str, tuple[str, ...]]:
    """The names of the mistakes that can be made in each part.

    Raises `Rejected` with the reason, or `Disagreement`, unless the draw may be handed out.
    """
    for name, truth in truths.items():
        _has_its_form(name, truth)
    with exercise.knowing(truths):
        mistakes = _mistakes_stand_clear(exercise, truths)
        _rounding_survives(exercise, truths)
        exercise.verify()
    return mistakes


def _mistakes_stand_clear(
    exercise: Exercise, truths: dict[str, Answer]
) -> dict[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = dict.fromkeys(truths, ())
    values = dict.fromkeys(exercise.parts)
    values.update({name: truth.value for name, truth in truths.items()})
    for name, truth in truths.items():
        part = exercise.parts[name]
        near = [(other, each) for other, each in truths.items() if confusable(truth, each)]
        for mistake in part.mistakes:
            wrong = part.mistaken(mistake, exercise, truth, values)
            if wrong is None:
                continue
            made[name] += (mistake,)
            if isinstance(part, WitnessPart):
                assert isinstance(wrong, Witness)
                if part.failure(exercise, wrong.value) is None:
                    raise Rejected(f"{name}.{mistake} satisfies the predicate")
                continue
            for other, its_truth in near:
                if _near(its_truth, wrong.value):
                    raise Rejected(f"{name}.{mistake} is too near {other}")
    for name, truth in truths.items():
        part = exercise.parts[name]
        if isinstance(truth, PartialOrder) and not truth.keeps(truth.value):
            raise Disagreement(f"{name}: the order breaks its own `before`, or lacks an option")
        if isinstance(part, WitnessPart) and (failure := part.failure(exercise, truth.value)):
            raise Disagreement(f"{name}: the example witness fails: {failure}")
    return made


def _near(truth: Answer, value: Any) -> bool:
    """Whether a value is within five tolerances of a truth; for formulas, alike as functions."""
    if isinstance(truth, Formula):
        return alike(truth.value, value, truth.names)
    return truth.near(value, CLEARANCE)


def confusable(first: Answer, second: Answer) -> bool:
    """Whether the answer to one question could be taken for an answer to the other."""
    if type(first) is not type(second):
        return False
    if isinstance(first, (Choice, Order)) and isinstance(second, (Choice, Order)):
        return first.options == second.options
    if isinstance(first, Array) and isinstance(second, Array):
        return bool(first.value.shape == second.value.shape)
    if isinstance(first, Formula) and isinstance(second, Formula):
        return first.names == second.names
    if isinstance(first, Group) and isinstance(second, Group):
        return set(first.members) == set(second.members)
    return True


def _rounding_survives(exercise: Exercise, truths: dict[str, Answer]) -> None:
    rounded = {
        name: _rounded(truth)
        for name, truth in truths.items()
        if isinstance(truth, Number | Array | Group)
    }
    changed = {name: each for name, each in rounded.items() if not _equal(truths[name].value, each)}
    for name, value in changed.items():
        if not truths[name].near(value):
            raise Rejected(f"{name} does not survive rounding")
    for name, answer in exercise.truths(changed).items() if changed else ():
        if name in truths and not truths[name].near(answer.value):
            raise Rejected(f"{name} does not survive rounding of earlier parts")


def _equal(truth: Any, rounded: Any) -> bool:
    """Whether rounding left an exact value as it was, so that nothing computed from it changes."""
    if isinstance(truth, Mapping):
        return all(_equal(truth[name], rounded[name]) for name in truth)
    if isinstance(truth, np.ndarray):
        return bool(truth.dtype == rounded.dtype == object and truth.tolist() == rounded.tolist())
    return not isinstance(truth, float) and bool(truth == rounded)


def _rounded(truth: Answer) -> Any:
    """The value of a truth to the precision asked for; what is no number as it is."""
    if isinstance(truth, Group):
        return {name: _rounded(member) for name, member in truth.members.items()}
    if not isinstance(truth, Number | Array):
        return truth.value
    if isinstance(truth, Number):
        return truth.tolerance.rounded(truth.value)
    return apply(truth.tolerance.rounded, truth.value)


def _has_its_form(name: str, truth: Answer) -> None:
    """Raise `AuthoringError` where the truth itself would be told that it lacks the form."""
    match truth:
        case Group():
            for member, each in truth.members.items():
                _has_its_form(f"{name}.{member}", each)
        case Number() | Array() if truth.form:
            text = write_in(truth.value, truth.forms)
            read = read_number if isinstance(truth, Number) else read_array
            lacking = missing(truth, text, None)
            if lacking or not truth.near(read(text)):
                trouble = lacking or "that is too far from it"
                raise AuthoringError(
                    f"{name}: written as {', '.join(truth.form)} it is {text}: {trouble}"
                )
        case Formula():
            if lacking := missing(truth, truth.value, read_formula(truth.value, truth.names)):
                raise AuthoringError(f"{name}: the truth {truth.value} has not its form: {lacking}")


def _place(kind: type[Exercise], seed: str) -> str:
    return f"{inspect.getfile(kind)} ({kind.__name__}{f', seed {seed}' if seed else ''})"
