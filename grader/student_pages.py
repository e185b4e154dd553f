"""A student's report as a page: what was read of each part, the verdict, why, and what to learn.

The page holds nothing of anybody else's. Of the key it shows nothing unless the solutions are
released: without that, the key only says what kind of answer each part asked for, so that formulas
can be set as formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from generator.model.answers import Answer, PartialOrder, Witness
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from grader import pages, reports, set_answers
from grader.grading import Report
from grader.marking import Outcome, Verdict
from grader.reports import amount, marks, plural

# What stands before the words, and how a part is set off; both say what colour would.
_SIGNS: dict[Outcome, tuple[str, str]] = {
    "CORRECT": ("✓", "full"),
    "FOLLOWED": ("✓", "full"),
    "PARTIAL": ("◐", "some"),
    "INCORRECT": ("✗", "none"),
    "BLANK": ("–", "none"),
    "UNREADABLE": ("?", "open"),
    "UNDECIDED": ("?", "open"),
}


@dataclass(frozen=True)
class Override:
    """What a person decided about one part, in place of the program."""

    slot: str
    part: str
    earned: Fraction
    by: str
    why: str


@dataclass(frozen=True)
class Adjustment:
    """A line below the sum of the parts: a penalty (less than 0) or a bonus."""

    label: str  # late by 2 days
    points: Fraction
    why: str = ""  # 1 point a day


@dataclass(frozen=True)
class _Shown:
    """One part, or a member of a group, as the page shows it."""

    name: str
    sign: str
    look: str
    words: str
    earned: str
    credit: str
    verdict: Verdict
    reasons: tuple[tuple[str, bool], ...]  # text, and whether its line ends and blanks count
    formulas: tuple[Markup, ...]
    members: tuple[_Shown, ...]
    truth: tuple[str, str, tuple[Markup, ...]] | None  # label, text, formulas
    by_program: str = ""
    worked: str = ""
    override: Override | None = None


def student_page(
    report: Report,
    *,
    key: AnswerKey | None = None,
    release_solutions: bool = False,
    worked: Mapping[tuple[str, str], str] | None = None,
    overrides: Iterable[Override] = (),
    adjustments: Iterable[Adjustment] = (),
) -> str:
    """The report as one self-contained HTML file.

    With the `key` of the sheet, numbers, arrays and formulas are set as such. Its truths are shown
    only with `release_solutions`, and then also how parts are solved, where `worked` tells it by
    slot and part (`solving.worked_solutions(key)`). Overrides replace what the program gave;
    adjustments change the sum of the parts.

    InputError for a key of another sheet, for solutions without a key or a release, and for an
    override of a part that is not on the sheet.
    """
    if key is not None and key.sheet_id != report.sheet_id:
        raise InputError(
            "key", f"it is for sheet {key.sheet_id}, but the report is on sheet {report.sheet_id}"
        )
    if release_solutions and key is None:
        raise InputError("solutions", "they can be released only with the answer key")
    if worked and not release_solutions:
        raise InputError("solutions", "they are not released")
    questions = _questions(key)
    decided = _decided(report, overrides)
    parts = {
        exercise.slot: tuple(
            _shown(
                verdict,
                questions.get((exercise.slot, verdict.part)),
                release_solutions,
                decided.get((exercise.slot, verdict.part)),
                (worked or {}).get((exercise.slot, verdict.part), ""),
            )
            for verdict in exercise.verdicts
        )
        for exercise in report.exercises
    }
    changes = [
        each.earned - verdict.earned
        for exercise in report.exercises
        for verdict in exercise.verdicts
        if (each := decided.get((exercise.slot, verdict.part)))
    ]
    summed = sum((each.earned for each in report.exercises), sum(changes, Fraction(0)))
    taken = sum((each.earned for each in report.exercises), -report.earned)
    lines = [*adjustments]
    if taken:  # the report itself has less than its parts
        lines.insert(0, Adjustment("Penalty", -taken, "the notes say why"))
    final = summed + sum((line.points for line in lines), Fraction(0))
    return pages.render(
        "student.html.j2",
        {
            "report": report,
            "parts": parts,
            "final": marks(final, report.points),
            "summed": marks(summed, report.points),
            "adjustments": [(line.label, _signed(line.points), line.why) for line in lines],
            "earned": {
                exercise.slot: marks(
                    sum(
                        (_earned(exercise.slot, verdict, decided) for verdict in exercise.verdicts),
                        Fraction(0),
                    ),
                    exercise.points,
                )
                for exercise in report.exercises
            },
            "waiting": _waiting(report, decided),
            "released": release_solutions,
            "plural": plural,
        },
    )


def _questions(key: AnswerKey | None) -> dict[tuple[str, str], Answer]:
    asked = key.exercises if key is not None else ()
    return {(each.slot, part.name): part.truth for each in asked for part in each.parts}


def _decided(report: Report, overrides: Iterable[Override]) -> dict[tuple[str, str], Override]:
    """The overrides by part; of several for one part, the last."""
    places = {(each.slot, v.part) for each in report.exercises for v in each.verdicts}
    decided = {(each.slot, each.part): each for each in overrides}
    if odd := sorted(decided.keys() - places):
        raise InputError("override", f"there is no {'.'.join(odd[0])} on sheet {report.sheet_id}")
    return decided


def _earned(slot: str, verdict: Verdict, decided: Mapping[tuple[str, str], Override]) -> Fraction:
    override = decided.get((slot, verdict.part))
    return override.earned if override else verdict.earned


def _waiting(report: Report, decided: Mapping[tuple[str, str], Override]) -> int:
    """In how many parts a person must still look."""
    return sum(
        verdict.needs_human and (exercise.slot, verdict.part) not in decided
        for exercise in report.exercises
        for verdict in exercise.verdicts
    )


def _shown(
    verdict: Verdict,
    question: Answer | None,
    release: bool,
    override: Override | None = None,
    worked: str = "",
) -> _Shown:
    sign, look = _SIGNS[verdict.outcome]
    earned = override.earned if override else verdict.earned
    if override:
        sign, look = ("✓", "full") if earned == verdict.points else ("◐" if earned else "✗", "some")
    inside = set_answers.members(question)
    return _Shown(
        name=verdict.part,
        sign=sign,
        look=look,
        words="decided by a person" if override else reports.WORDS[verdict.outcome],
        earned=marks(earned, verdict.points),
        credit=_credit(verdict),
        verdict=verdict,
        reasons=_reasons(verdict),
        formulas=_set(set_answers.as_read(question, verdict.read_as))
        if question is not None and verdict.read_as
        else (),
        members=tuple(
            _shown(member, inside.get(member.part), release) for member in verdict.members
        ),
        truth=_truth(question) if release and question is not None and not inside else None,
        by_program=marks(verdict.earned, verdict.points),
        worked=worked,
        override=override,
    )


def _credit(verdict: Verdict) -> str:
    """How the points came about, where it is neither all nor nothing."""
    if not 0 < verdict.credit < 1:
        return ""
    return f"{verdict.credit} of {amount(verdict.points)} = {amount(verdict.earned)}"


def _reasons(verdict: Verdict) -> tuple[tuple[str, bool], ...]:
    """Why, in paragraphs; with a caret under a text, as it stands. Of a group, what is said of the
    whole: the members say the rest."""
    if verdict.outcome in ("CORRECT", "BLANK"):
        return ()
    lines = verdict.why.splitlines()
    if verdict.members:
        starts = tuple(f"{member.part}: " for member in verdict.members)
        end = next((i for i, line in enumerate(lines) if line.startswith(starts)), len(lines))
        lines = lines[:end]
    first = next((i for i, line in enumerate(lines) if line.startswith(" ")), len(lines))
    reasons = [(line, False) for line in lines[:first] if line.strip()]
    if first < len(lines):
        reasons.append(("\n".join(lines[first:]), True))
    example = verdict.counterexample
    if example and example not in verdict.why:
        reasons.append((f"For example: {example}", False))
    return tuple(reasons)


def _truth(question: Answer) -> tuple[str, str, tuple[Markup, ...]]:
    label = "One that does it" if isinstance(question, Witness) else "Right answer"
    if isinstance(question, PartialOrder):
        label = "One right order"
    text, formulas = set_answers.truth(question)
    return label, text, _set(formulas)


def _set(formulas: Iterable[str]) -> tuple[Markup, ...]:
    """MathML, which escapes what it holds, as it goes into the page."""
    return tuple(map(Markup, formulas))


def _signed(points: Fraction) -> str:
    return f"{'−' if points < 0 else '+'}{amount(abs(points))}"
