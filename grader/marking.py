"""Marking: from what a student wrote for one exercise to a verdict on each part.

The steps, in this order:

    read                a text that can't be read is a matter for a person, never a wrong answer
    compare             value, then form, with the recorded truth; a witness, with its predicate
    follow through      a wrong answer is right where it follows from the student's own earlier one
    name the mistake    a wrong answer may be what a known wrong rule leads to

Nothing that a student writes raises past `mark`: an internal failure is UNDECIDED and logged.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from generator.model.answers import Answer, Formula, Group
from generator.model.errors import NotationError
from generator.model.exercise import Exercise, WitnessPart
from generator.model.key import AskedExercise, AskedPart
from generator.model.records import ADDED, record
from grader import comparing, following, naming, reading
from grader.following import Before
from grader.form import compare_in_form
from grader.submissions import Given, Remembered

log = logging.getLogger(__name__)

Outcome = Literal["CORRECT", "PARTIAL", "FOLLOWED", "INCORRECT", "UNREADABLE", "BLANK", "UNDECIDED"]

FOUND: Mapping[Outcome, str] = {  # what the program found, in words
    "CORRECT": "right",
    "PARTIAL": "partly right",
    "FOLLOWED": "right from your own earlier value",
    "INCORRECT": "not right",
    "UNREADABLE": "could not be read",
    "BLANK": "no answer",
    "UNDECIDED": "not decided",
}

RIGHT = Fraction(1)
NOTHING = Fraction(0)
_SHOWN = 300
_REMEMBERED = 1_000


@record("verdict")
@dataclass(frozen=True)
class Verdict:
    """What one part earned and why; of a group, also what each member earned.

    `given` is the student's text, cut to 300 characters; `read_as` is how it was read. `mistake` is
    the name of the wrong rule that the answer shows, `advice` its lesson; `counterexample` is a
    case in which the answer fails. `credit` is the share of `points` that is earned. `override`
    tells who set outcome and credit in the program's place, and why.
    """

    part: str
    outcome: Outcome
    credit: Fraction
    points: Fraction
    why: str
    given: str = ""
    read_as: str = ""
    mistake: str | None = None
    advice: str = ""
    counterexample: str | None = None
    members: tuple[Verdict, ...] = ()
    override: str = field(default="", metadata=ADDED)

    @property
    def earned(self) -> Fraction:
        credit = self.credit
        # Most are all or nothing, and a product of fractions takes longer than to see this.
        if credit.denominator == 1 and 0 <= credit.numerator <= 1:
            return self.points if credit.numerator else NOTHING
        return credit * self.points

    @property
    def needs_human(self) -> bool:
        """Whether a person must look: the program could not read the answer, or not decide."""
        if self.override:
            return False
        return self.outcome in ("UNREADABLE", "UNDECIDED") or any(
            member.needs_human for member in self.members
        )


@dataclass(frozen=True)
class Marked:
    """A verdict, the plain value that was read (None where there is none), whether marks of later
    parts may follow from this value, and whether it is false, whatever its form."""

    verdict: Verdict
    value: Any = None
    usable: bool = False
    false: bool = False


class Recall:
    """What was judged before, so that equal answers are judged once: on one part, and on all parts
    of one exercise.

    A verdict depends on the exercise as asked, the part, the text, and the student's usable wrong
    values of the earlier parts that matter for it; these in turn on their texts alone. All of it is
    in the key, so that recalling a verdict and reaching it again are the same. `memory` forgets
    what was not asked for longest, beyond `size` answers.
    """

    def __init__(self, size: int = 50_000) -> None:
        self.size = size
        self.memory: OrderedDict[Any, Any] = OrderedDict()

    def get(self, question: Any) -> Any:
        found = self.memory.get(question)
        if found is not None:
            self.memory.move_to_end(question)
        return found

    def put(self, question: Any, found: Any, verdicts: Iterable[Verdict]) -> None:
        # An internal failure may be the machine's, so that another try may succeed.
        if question is None or any(verdict.why == _INTERNAL for verdict in verdicts):
            return
        self.memory[question] = found
        if len(self.memory) > self.size:
            self.memory.popitem(last=False)


def mark(
    asked: AskedExercise,
    exercise: Exercise,
    answers: Mapping[str, Given],
    recall: Recall | None = None,
    identity: bytes = b"",
) -> tuple[Verdict, ...]:
    """The verdicts on all parts of one exercise, in the order asked.

    `exercise` is the instance that `asked` records; a part that `answers` lacks is blank. `recall`
    may hold verdicts on the exercise that `identity` stands for: equal bytes, equal exercises.
    """
    truths = {part.name: part.truth for part in asked.parts}
    own: dict[str, Any] = {}
    texts: dict[str, Any] = {}  # what `own` was read from
    verdicts = []
    for part in asked.parts:
        given = answers.get(part.name, "")
        text = text_of(given)
        sources = following.sources(type(exercise), part.name) if own else ()
        mine = {name: own[name] for name in own if name in sources}
        told = tuple((name, texts[name]) for name in mine)
        question = None
        if recall is not None and text is not None and all(each for _, each in told):
            question = (identity, part.name, text, told)
        marked = recall.get(question) if recall is not None else None
        if marked is None:
            marked = _mark_part(part, exercise, truths, mine, given)
            wrong = marked.verdict.outcome != "CORRECT"
            counts = wrong and part.name in following.feeding(type(exercise))
            usable = counts and following.usable(part.truth, marked.value)
            marked = Marked(marked.verdict, marked.value if usable else None, usable)
            if recall is not None:
                recall.put(question, marked, [marked.verdict])
        verdicts.append(marked.verdict)
        if marked.usable:
            own[part.name] = marked.value
            texts[part.name] = text
    return tuple(verdicts)


Texts = Given | Mapping[str, Given]  # of a part, or of all parts of an exercise


def text_of(given: Texts) -> Any:
    """What a student typed as part of a key; None if it is too long to be worth remembering."""
    if isinstance(given, Remembered):
        return given.raw
    return _hashable(given) if _length(given) <= _REMEMBERED else None


def _hashable(given: Texts) -> Any:
    if isinstance(given, str):
        return given
    return tuple([(name, _hashable(text)) for name, text in given.items()])


def _length(given: Texts) -> int:
    if isinstance(given, str):
        return len(given)
    return sum([len(name) + _length(text) for name, text in given.items()])


def _mark_part(
    asked: AskedPart,
    exercise: Exercise,
    truths: Mapping[str, Answer],
    own: Mapping[str, Any],
    given: Given,
) -> Marked:
    """One part; `own` are the student's usable wrong values of the earlier parts that matter."""
    shown = excerpt(given)
    blank = Verdict(asked.name, "BLANK", NOTHING, asked.points, "There is no answer.", shown)
    try:
        if reading.is_blank(given):
            return Marked(blank)
        part = exercise.parts[asked.name]
        before = Before(exercise, part, truths, own)
        if isinstance(part, WitnessPart):
            marked = _judge_witness(part, exercise, asked.truth, given, blank)
        else:
            marked = _judge(asked.truth, given, following.follow(before), blank)
        return _name_mistake(marked, before)
    except Exception:
        log.exception("%s.%s: marking failed on %r", type(exercise).__name__, asked.name, shown)
        return Marked(replace(blank, outcome="UNDECIDED", why=_INTERNAL))


_INTERNAL = "The program failed on this answer. That is not your fault: a person will mark it."
_OPEN = "The program cannot decide whether this is right. A person will mark it."


def _judge(
    truth: Answer, given: Given, followed: following.Followed | None, blank: Verdict
) -> Marked:
    """Read and compare one answer, or each member of a group."""
    if isinstance(truth, Group):
        return _judge_group(truth, given, followed, blank)
    try:
        value = reading.read(truth, given)
    except NotationError as trouble:
        return Marked(replace(blank, outcome="UNREADABLE", why=trouble.shown()))
    read_as = reading.read_as(truth, value)

    def marked(outcome: Outcome, why: str, credit: Fraction = NOTHING, example: str = "") -> Marked:
        verdict = replace(
            blank,
            outcome=outcome,
            credit=credit,
            why=why,
            read_as=read_as,
            counterexample=example or None,
        )
        return Marked(verdict, value)

    result = compare_in_form(truth, given, value)
    if result.equal:
        return marked("CORRECT", "Right.", RIGHT)
    if followed is not None and result.equal is not None and not result.form:
        again = compare_in_form(followed.truth, given, value)
        if again.equal:
            why = f"Right from your own value of {_names(followed.sources)}: full marks here."
            return marked("FOLLOWED", why, RIGHT)
        if again.form and again.credit > result.credit:
            own = f"from your own value of {_names(followed.sources)} {again.evidence}"
            result = replace(again, evidence=own)
    if result.equal is None:
        return marked("UNDECIDED", _sentence(result.evidence) or _OPEN)
    outcome: Outcome = "PARTIAL" if result.credit > 0 else "INCORRECT"
    why = _sentence(result.evidence) or "This is not the answer."
    wrong = marked(outcome, why, result.credit, result.counterexample)
    return replace(wrong, false=not result.form)


def _judge_group(
    truth: Group, given: Given, followed: following.Followed | None, blank: Verdict
) -> Marked:
    """Each member by itself; the credit is their mean."""
    if isinstance(given, str):
        why = f"Several answers are expected here, one each for {_names(tuple(truth.members))}."
        return Marked(replace(blank, outcome="UNREADABLE", why=why))
    share = blank.points / len(truth.members)
    marked = {}
    for name, member in truth.members.items():
        text = given.get(name, "")
        empty = replace(blank, part=name, points=share, given=excerpt(text))
        if reading.is_blank(text):
            marked[name] = Marked(empty)
        else:
            judged = _judge(member, text, followed and followed.member(name), empty)
            marked[name] = _name_slip(judged, member)
    verdicts = tuple(each.verdict for each in marked.values())
    why = _group_reasons(verdicts)
    if extra := [name for name in given if name not in truth.members]:
        why += f" Not asked for, and ignored: {excerpt(', '.join(extra))}."
    verdict = replace(
        blank,
        outcome=_group_outcome(verdicts),
        credit=sum((each.credit for each in verdicts), NOTHING) / len(verdicts),
        read_as="; ".join(f"{v.part} = {v.read_as}" for v in verdicts if v.read_as),
        why=why,
        members=verdicts,
    )
    values = {name: each.value for name, each in marked.items() if each.value is not None}
    return Marked(verdict, values or None)


def _group_outcome(members: tuple[Verdict, ...]) -> Outcome:
    outcomes = {member.outcome for member in members}
    if len(outcomes) == 1:
        return members[0].outcome
    if "UNDECIDED" in outcomes:
        return "UNDECIDED"
    if "UNREADABLE" in outcomes:
        return "UNREADABLE"
    if outcomes == {"CORRECT", "FOLLOWED"}:
        return "FOLLOWED"
    return "PARTIAL" if any(member.credit for member in members) else "INCORRECT"


def _group_reasons(members: tuple[Verdict, ...]) -> str:
    if all(member.outcome == "CORRECT" for member in members):
        return "Right."
    right = sum(member.credit == RIGHT for member in members)
    reasons = [f"{right} of {len(members)} are right."]
    reasons += [f"{m.part}: {m.why}" for m in members if m.outcome != "CORRECT"]
    return "\n".join(reasons)


def _judge_witness(
    part: WitnessPart, exercise: Exercise, truth: Answer, given: Given, blank: Verdict
) -> Marked:
    """Any witness without a counterexample is right."""
    try:
        value = reading.read(truth, given)
    except NotationError as trouble:
        return Marked(replace(blank, outcome="UNREADABLE", why=trouble.shown()))
    verdict = replace(blank, read_as=reading.read_as(truth, value))
    failures = part.failures(exercise, value)
    if not failures:
        why = "Right: it does all that is asked."
        return Marked(replace(verdict, outcome="CORRECT", credit=RIGHT, why=why), value)
    others = len(failures) - 1
    more = f"\nIt fails in {others} more way{'s' * (others > 1)}." if others else ""
    why = f"It fails: {failures[0]}{more}"
    wrong = replace(verdict, outcome="INCORRECT", why=why, counterexample=failures[0])
    return Marked(wrong, value)


def _name_mistake(marked: Marked, before: Before) -> Marked:
    """A wrong answer with the name of the mistake that leads to it, and with its advice."""
    if marked.value is None or not _shows_a_mistake(marked.verdict):
        return marked
    found = naming.mistake_in(before, marked.value)
    if found is None:
        return _name_slip(marked, before.truths[before.part.name])
    named = replace(marked.verdict, mistake=found[0], advice=found[1])
    return replace(marked, verdict=named)


def _name_slip(marked: Marked, truth: Answer) -> Marked:
    """A formula of a wrong value with the name of the slip in the truth that leads to it."""
    if not marked.false or not isinstance(truth, Formula):
        return marked
    slip = comparing.slip_in(truth, marked.value)
    if slip is None:
        return marked
    return replace(marked, verdict=replace(marked.verdict, mistake=slip.name, advice=slip.advice))


def _shows_a_mistake(verdict: Verdict) -> bool:
    wrong = verdict.outcome in ("INCORRECT", "PARTIAL")
    return wrong or any(map(_shows_a_mistake, verdict.members))


def excerpt(given: Given, limit: int = _SHOWN) -> str:
    """A student's text on one line of printable characters, cut to `limit`."""
    if isinstance(given, str):
        text = given[: 2 * limit]
    else:
        some = list(given.items())[:20]
        text = "; ".join(f"{k[:limit]}: {v[:limit]}" for k, v in some if v.strip())
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _sentence(evidence: str) -> str:
    """Evidence as a sentence, unless it ends in one already or spans lines."""
    if not evidence or "\n" in evidence:
        return evidence
    text = evidence[0].upper() + evidence[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _names(names: tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if names[1:] else "".join(names)
