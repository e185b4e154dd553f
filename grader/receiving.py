"""A look at what was handed in before anything is graded: what can be read, and whose it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.model.errors import GradsheetError
from generator.model.key import AnswerKey
from grader.matching import Bridge, Match, match, people
from grader.reports import printable
from grader.submissions.received import NOT_A_FORM, Received, Refused
from grader.submissions.texts import read_received


@dataclass
class Receipt:
    """What came in: how many can be read, by what they were matched, and what is left to a person.

    `dated` counts those of which it is known when they were handed in, `several` the sheets for
    which more than one came; `missing` are the students from whom none did.
    """

    readable: int = 0
    matched: Counter[str] = field(default_factory=Counter)
    dated: int = 0
    several: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def receive(
    submissions: Iterable[Received | Refused],
    keys: Iterable[AnswerKey] | None = None,
    bridge: Bridge | None = None,
) -> Receipt:
    """Read everything, and match it with the students of `keys` where they are given."""
    receipt = Receipt()
    all_keys = None if keys is None else list(keys)
    known = None if all_keys is None else people(all_keys)
    sheets: Counter[str] = Counter()
    for each in submissions:
        if isinstance(each, Refused):
            if each.reason == NOT_A_FORM:
                receipt.skipped.append(each.source)
            else:
                receipt.problems.append((each.source, each.reason))
            continue
        try:
            submission = read_received(each)
        except GradsheetError as error:
            reason = str(error).removeprefix(f"{each.source}: ")
            receipt.problems.append((each.source, reason))
            continue
        receipt.readable += 1
        receipt.dated += each.at is not None
        if known is None:
            continue
        found = match(each, submission, known, bridge)
        if isinstance(found, Match):
            receipt.matched[found.by] += 1
            receipt.notes += [(each.source, note) for note in found.notes]
            sheets[found.person.sheet_id] += 1
        else:
            receipt.problems.append((each.source, found.reason))
    receipt.several = sum(count > 1 for count in sheets.values())
    receipt.missing = sorted(k.student for k in all_keys or () if not sheets[k.sheet_id])
    return receipt


def text(receipt: Receipt) -> str:
    """The receipt for people."""
    lines = [f"{receipt.readable} submissions can be read; {receipt.dated} with a time"]
    lines += [f"  {count} matched by {way}" for way, count in receipt.matched.items()]
    if receipt.several:
        lines.append(f"  {receipt.several} sheets have several submissions")
    for title, pairs in (("Problems", receipt.problems), ("Notes", receipt.notes)):
        if pairs:
            lines += [
                "",
                title,
                *(f"  {printable(source)}: {printable(why)}" for source, why in pairs),
            ]
    for title, names in (("Not a form", receipt.skipped), ("Nothing from", receipt.missing)):
        if names:
            lines += ["", title, *(f"  {printable(name)}" for name in names)]
    return "\n".join(lines) + "\n"
