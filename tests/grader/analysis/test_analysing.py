"""From reports to an analysis: counted once, in any order, in little memory."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from generator.model.errors import InputError
from grader.analysis import Seen, analyse, tree
from grader.analysis.samples import Sample
from grader.grading import Report
from grader.summaries import summarise
from tests.grader.analysis.conftest import Make, verdict


def part(found: Any, name: str) -> Any:
    return next(each for each in found.parts if each.name == name)


def test_what_a_class_made_of_a_sheet(reports: list[Report]) -> None:
    found = analyse(reports, pass_share=Fraction(1, 2))
    assert (found.reports, found.title, found.points) == (12, "Week 3", 7.0)
    assert [each.name for each in found.parts] == ["q1.a", "q1.b", "q2.c", "q2.d"]
    assert part(found, "q1.a").statistics.facility.value == pytest.approx(0.5)
    assert part(found, "q1.b").statistics.facility.value == pytest.approx(8 / 12)
    assert part(found, "q1.b").outcomes["INCORRECT"] == 4
    assert found.marks.mean.value == pytest.approx(1.5 + 4 / 3 + 25 / 36 + 1 / 3)
    assert sum(each.intended_weight for each in found.parts) == pytest.approx(1)
    weights = [each.effective_weight.value for each in found.parts]
    assert sum(filter(None, weights)) == pytest.approx(1)
    shares = [float(report.earned / report.points) for report in reports]
    assert found.passed == sum(share >= 0.5 for share in shares)
    assert sum(each.count for each in found.histogram) == 12
    assert found.items == "parts"


def test_a_share_at_the_border_of_a_bin_is_in_the_upper_one(make: Make) -> None:
    shares = [Fraction(k, 20) for k in range(21)]
    found = analyse(make(f"s{k}", {"q1": [verdict("a", share)]}) for k, share in enumerate(shares))
    assert [each.count for each in found.histogram] == [1] * 19 + [2]


def test_named_mistakes_come_with_what_was_written(reports: list[Report]) -> None:
    (mistake,) = analyse(reports).mistakes
    assert (mistake.slot, mistake.part, mistake.name, mistake.count) == ("q1", "b", "no_mask", 4)
    assert mistake.advice == "Mask it."
    assert [(each.text, each.count) for each in mistake.examples] == [("[0, 1]", 2), ("[1, 1]", 2)]


def test_a_wrong_answer_without_a_name_is_listed(reports: list[Report]) -> None:
    found = part(analyse(reports), "q2.c").wrong
    assert [(each.text, each.count) for each in found] == [("x^2", 5), ("y", 2)]
    assert not part(analyse(reports), "q1.b").wrong


def test_mistakes_of_members_are_counted_at_their_place(make: Make) -> None:
    member = verdict("h", 0, Fraction(1, 2), mistake="slip", advice="Look.", given="1")
    other = verdict("y", 0, Fraction(1, 2), given="((", outcome="UNREADABLE")
    group = verdict("fwd", 0, 1, members=(member, other), outcome="UNREADABLE", given="h: 1; y: ((")
    found = analyse([make("s1", {"q1": [group]})])
    (mistake,) = found.mistakes
    assert (mistake.part, mistake.place, mistake.name) == ("fwd", "h", "slip")
    assert [each.text for each in found.parts[0].unreadable] == ["y: (("]
    assert found.waiting == 1


def test_the_advice_for_one_slip_is_preferred_to_that_for_several(make: Make) -> None:
    both = verdict(
        "a", 0, mistake="slip", advice="More than one slip leads here. Look. Or: Look up."
    )
    one = verdict("a", 0, mistake="slip", advice="Look.")
    for order in ([both, one], [one, both]):
        found = analyse(make(str(i), {"q1": [each]}) for i, each in enumerate(order))
        assert found.mistakes[0].advice == "Look."


def test_the_order_of_reports_changes_nothing(reports: list[Report]) -> None:
    seen = [
        Seen(each, datetime(2026, 11, i % 3 + 1, i, tzinfo=UTC), {"q1": {"level": str(i % 2)}})
        for i, each in enumerate(reports)
    ]
    first = json.dumps(tree(analyse(seen)))
    shuffler = random.Random(1)
    for _ in range(5):
        shuffler.shuffle(seen)
        assert json.dumps(tree(analyse(seen))) == first


def test_nor_does_it_where_sheets_have_different_parts(make: Make) -> None:
    """Parts stand where they stand on the sheets that have them."""
    whole = [verdict(part, 1) for part in ("first", "bracket", "last")]
    made = [
        make("s1", {"q2": whole, "q1": whole}),
        make("s2", {"q1": whole[1:], "q10": whole[:1]}, {"q1": "other"}),
        make("s3", {"q1": whole[::2]}, title="Other"),
    ]
    first = tree(analyse(made))
    assert first == tree(analyse(made[::-1])) == tree(analyse(made[1:] + made[:1]))
    slots = [(each["slot"], [part["part"] for part in each["parts"]]) for each in first["slots"]]
    assert slots == [
        ("q1", ["first", "bracket", "last"]),
        ("q2", ["first", "bracket", "last"]),
        ("q10", ["first"]),
    ]


def test_parts_that_not_everybody_was_asked(make: Make) -> None:
    """Then facilities are of those who were, and consistency is over the exercises."""
    some = [
        make(
            f"s{i}",
            {
                "q1": [verdict("a", i % 2, 2)] + ([verdict("b", 1, 2)] if i < 4 else []),
                "q2": [verdict("c", Fraction(i, 8), 2 if i < 4 else 4)],
            },
        )
        for i in range(8)
    ]
    found = analyse(some)
    assert not found.rescaled
    assert found.items == "exercises"
    assert part(found, "q1.b").asked == 4
    assert part(found, "q1.b").statistics.facility.value == 1
    assert part(found, "q1.b").effective_weight.why == "not everybody was asked this"
    assert part(found, "q1.b").intended_weight == pytest.approx(2 / 6 / 2)
    assert found.consistency.cic.value is not None


def test_answers_that_wait_are_left_out_as_in_the_summary(make: Make) -> None:
    """Of the numbers of their part; and counted."""
    waiting = verdict("a", 0, 2, outcome="UNREADABLE", given="((")
    inside = verdict("a", Fraction(1, 2), 2, outcome="PARTIAL", members=(verdict("x", 1), waiting))
    decided = verdict("a", 0, 2, outcome="UNREADABLE", override="A. Lee: no")
    answers = [*[verdict("a", 1, 2)] * 3, waiting, inside, decided]
    made = [
        make(f"s{i}", {"q1": [answer, verdict("b", Fraction(i, 8), 2)]})
        for i, answer in enumerate(answers)
    ]
    found, summary = analyse(made), summarise(made)
    assert [(part.asked, part.waiting) for part in found.parts] == [(6, 2), (6, 0)]
    assert part(found, "q1.a").statistics.facility.value == 3 / 4
    assert "some answers wait for a person" in part(found, "q1.a").hints
    assert [part.waiting for part in summary.parts] == [2, 0]
    for one, other in zip(found.parts, summary.parts, strict=True):
        assert one.statistics.facility.value == float(other.facility or 0)
    only = analyse([make("s1", {"q1": [waiting]})]).parts[0]
    assert (only.waiting, only.statistics.facility.value) == (1, None)
    assert only.statistics.facility.why == "all answers wait for a person"


def test_answers_that_wait_make_no_variant_hard(make: Make) -> None:
    waiting = verdict("a", 0, outcome="UNDECIDED", given="x")
    seen = [
        Seen(
            make(f"s{i}", {"q1": [waiting if i % 2 and i > 4 else verdict("a", i % 3 / 2)]}),
            None,
            {"q1": {"level": "odd" if i % 2 else "even"}},
        )
        for i in range(20)
    ]
    (variant,) = analyse(seen).variants
    assert [(level.name, level.count) for level in variant.levels] == [("even", 10), ("odd", 2)]
    assert variant.p is None


def test_sheets_of_different_points_count_as_100_each(make: Make) -> None:
    half = [make("s1", {"q1": [verdict("a", 1, 3), verdict("b", 0, 3)]})]
    full = [make("s2", {"q1": [verdict("a", 1, 1), verdict("b", 1, 4)]})]
    found = analyse(half + full)
    assert found.rescaled
    assert found.points == 100
    assert found.marks.mean.value == pytest.approx(75)


def test_nobody_and_one() -> None:
    found = analyse([])
    assert found.reports == 0
    assert found.marks.mean.why == "no submissions"
    assert found.histogram == () == found.parts


@pytest.mark.parametrize("share", [Fraction(-1, 100), Fraction(101, 100)])
def test_a_pass_mark_is_a_share(share: Fraction) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        analyse([], pass_share=share)


@pytest.mark.parametrize(
    ("credits", "hint"),
    [
        ([0, 0, 0, 0, 0, Fraction(1, 2)], "very hard"),
        ([1, 1, 1, 1, 1, 1], "very easy"),
        ([1, 1, 1, 0, 0, 0], "check the key"),
        ([0, 0, 1, 1, 0, 1], ""),
    ],
)
def test_hints(make: Make, credits: list[Any], hint: str) -> None:
    found = analyse(
        make(str(i), {"q1": [verdict("a", credit), verdict("b", Fraction(i, 5), 9)]})
        for i, credit in enumerate(credits)
    )
    assert hint in " ".join(found.parts[0].hints)
    assert bool(found.parts[0].hints) == bool(hint)


def test_marks_without_a_small_common_denominator(make: Make) -> None:
    """Then a billionth of a point is the unit."""
    points = [Fraction(1, prime) for prime in (7, 11, 13, 17, 19, 23, 29, 31, 37, 41)]
    found = analyse(
        make(str(i), {"q1": [verdict(f"p{k}", i % 2, each) for k, each in enumerate(points)]})
        for i in range(4)
    )
    assert found.points == pytest.approx(float(sum(points)), abs=1e-8)
    assert found.marks.mean.value == pytest.approx(float(sum(points)) / 2, abs=1e-8)


def test_memory_stays_small(make: Make) -> None:
    """A thousand reports of 23 parts, each with texts of its own, would be 13 MB; what is kept is
    92 bytes of marks each, columns while computing, and a bounded number of texts."""

    def many(count: int) -> Iterator[Report]:
        for i in range(count):
            parts = [verdict(f"p{k}", (i * k) % 3 % 2, 1, given=f"{i} {k}") for k in range(23)]
            yield make(f"s{i}", {"q1": parts})

    analyse(many(300))  # fills samples and caches
    tracemalloc.start()
    try:
        found = analyse(many(1000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.reports == 1000
    assert peak < 5_000_000


def test_a_sample_counts_what_it_keeps_exactly() -> None:
    texts = [f"answer {i * i % 1009}" for i in range(5000)]
    counts = {text: texts.count(text) for text in set(texts)}
    samples = []
    for seed in range(3):
        random.Random(seed).shuffle(texts)
        sample = Sample()
        for text in texts:
            sample.add(text)
        samples.append(sample.commonest(10_000))
        assert sample.total == 5000
    assert samples[0] == samples[1] == samples[2]
    assert len(samples[0]) == 256
    assert all(counts[text] == count for text, count in samples[0])


def test_times_are_counted_by_the_hour_in_utc(reports: list[Report]) -> None:
    zone = datetime(2026, 11, 27, 23, 30, tzinfo=UTC).astimezone().tzinfo
    times = [
        datetime(2026, 11, 27, 23, 30, tzinfo=zone) + timedelta(minutes=20 * i) for i in range(4)
    ]
    found = analyse(Seen(each, at) for each, at in zip(reports, times, strict=False))
    assert [each.count for each in found.times] == [2, 2]
    assert found.times[0].at.utcoffset() == timedelta(0)
