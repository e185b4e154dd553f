"""A student's report as a page: what was read of each part, the verdict, why, and what to learn.

The page holds nothing of anybody else's. Of the key it shows nothing unless the solutions are
released: without that, the key only says what kind of answer each part asked for, so that formulas
can be set as formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from generator.model.answers import Answer, PartialOrder, Witness
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from grader import pages, reports, set_answers
from grader.grading import Report
from grader.marking import Outcome, Verdict
from grader.reports import Place, Prompt, amount, marks, plural

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
    asked: Markup | None = None
    worked: Markup | None = None


def student_page(
    report: Report,
    *,
    key: AnswerKey | None = None,
    release_solutions: bool = False,
    prompts: Mapping[Place, Prompt] | None = None,
    worked: Mapping[Place, str] | None = None,
) -> str:
    """The report as one self-contained HTML file.

    With the `key` of the sheet, numbers, arrays and formulas are set as such, and with `prompts`
    (`solving.prompts(key)`) each part begins with what it asks. Truths of the key are shown only
    with `release_solutions`, and then also how parts are solved, where `worked` tells it by slot
    and part (`solving.worked_solutions(key)`). What a person decided and what lateness costs are
    in the report.

    InputError for a key of another sheet, and for solutions without a key or a release.
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
    asked = {place: Markup(each.page) for place, each in (prompts or {}).items()}
    solved = {place: Markup(each) for place, each in (worked or {}).items()}

    def shown(slot: str, verdict: Verdict) -> _Shown:
        place = slot, verdict.part
        found = _shown(verdict, questions.get(place), release_solutions)
        return replace(found, asked=asked.get(place), worked=solved.get(place))

    parts = {
        exercise.slot: tuple(shown(exercise.slot, verdict) for verdict in exercise.verdicts)
        for exercise in report.exercises
    }
    return pages.render(
        "student.html.j2",
        {
            "report": report,
            "parts": parts,
            "final": marks(report.earned, report.points),
            "summed": marks(report.earned + report.penalty, report.points),
            "penalty": amount(report.penalty),
            "earned": {each.slot: marks(each.earned, each.points) for each in report.exercises},
            "released": release_solutions,
            "lettered": reports.lettered,
            "plural": plural,
        },
    )


def _questions(key: AnswerKey | None) -> dict[Place, Answer]:
    asked = key.exercises if key is not None else ()
    return {(each.slot, part.name): part.truth for each in asked for part in each.parts}


def _shown(
    verdict: Verdict,
    question: Answer | None,
    release: bool,
) -> _Shown:
    sign, look = _SIGNS[verdict.outcome]
    inside = set_answers.members(question)
    return _Shown(
        name=verdict.part,
        sign=sign,
        look=look,
        words="decided by a person" if verdict.override else reports.WORDS[verdict.outcome],
        earned=marks(verdict.earned, verdict.points),
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
