"""Whose submission it is; and what is left to a person."""

from __future__ import annotations

import pytest

from grader.matching import Match, People, Person, Unmatched, match, same_name, same_sender
from grader.submissions import Submission
from grader.submissions.received import Received, Sender

ANNA = Person("K7Q2-9MXA-V", "s1", "Anna Maria van der Berg", "anna@x.edu")
BOB = Person("Z0PQ-WBCQ-2", "s2", "Bob O'Neill", "bob@x.edu")
ZOE = Person("KZYE-50BX-U", "s3", "Zoë Łukasz Müller")
TWIN = Person("71P2-7EF4-B", "s4", "Muller, Zoe Lukasz")
OTHER = Person("HM4K-K6DP-B", "s5", "Zoe L. Muller")
PEOPLE = People([ANNA, BOB, ZOE, TWIN, OTHER])


def found(sheet: str = "", student: str = "", bridge=None, **sender: str) -> Match | Unmatched:
    received = Received("a.yaml", b"", ".yaml", Sender(**sender))
    return match(received, Submission(sheet, student, {}, "a.yaml"), PEOPLE, bridge)


def who(**told) -> tuple[str, str]:
    result = found(**told)
    assert isinstance(result, Match), result
    return result.person.student, result.by


def why(**told) -> str:
    result = found(**told)
    assert isinstance(result, Unmatched), result
    return result.reason


def test_the_sheet_id_goes_first() -> None:
    assert who(sheet="k7q2 9mxav") == ("s1", "sheet id")
    assert who(sheet=ANNA.sheet_id, name="anna maria van der berg") == ("s1", "sheet id")
    assert who(sheet=ANNA.sheet_id, name="Team A") == ("s1", "sheet id")
    assert who(sheet=ZOE.sheet_id, name="Zoe Lukasz Muller") == ("s3", "sheet id")


@pytest.mark.parametrize(
    ("told", "student", "by"),
    [
        ({"student": "S2"}, "s2", "roster id"),
        ({"email": " Bob@X.edu "}, "s2", "email"),
        ({"name": "ONeill, BOB"}, "s2", "name"),
        ({"name": "vanderberganna maria".replace(" ", "")}, "s1", "name"),
        ({"name": "Berg, Anna Maria van der"}, "s1", "name"),
        ({"email": "zoe@x.edu", "student": "zoe", "name": "Müller, Zoë Ł."}, "s5", "name"),
        ({"email": "bob@x.edu", "name": "Robert"}, "s2", "email"),
    ],
)
def test_then_what_is_known_of_the_sender(told, student: str, by: str) -> None:
    assert who(**told) == (student, by)


def test_a_mistyped_sheet_id_is_told() -> None:
    result = found(sheet="K7Q2-9MXB-V", email="anna@x.edu")
    assert isinstance(result, Match)
    assert (result.person, result.by) == (ANNA, "email")
    assert "a character is wrong or swapped" in result.notes[0]
    assert "matched by email" in result.notes[1]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "no sheet id that can be used"),
        ({"name": "Nobody Known"}, "nobody has the name 'Nobody Known'"),
        ({"name": "zoe lukasz muller"}, "is that of several students: s3 (KZYE-50BX-U), s4 ("),
        ({"sheet": "0000-0000-Y", "email": "bob@x.edu"}, "there is no key for sheet"),
        ({"sheet": ANNA.sheet_id, "email": "bob@x.edu"}, "its email (bob@x.edu) the sender is s2"),
        ({"sheet": ANNA.sheet_id, "name": "Bob ONeill"}, "its name (Bob ONeill) the sender is s2"),
        ({"email": "other@x.edu", "name": "Bob O’Neill"}, "but not with the address 'other@x.edu'"),
        ({"sheet": ANNA.sheet_id, "name": "Zoë Łukasz Müller"}, "the sender is s3 or s4"),
        ({"email": "anna@x.edu", "name": "Bob O'Neill"}, "email the sender is s1, by the name s2"),
    ],
)  # fmt: skip
def test_what_is_left_to_a_person(told, reason: str) -> None:
    assert reason in why(**told)


def test_a_student_with_several_sheets() -> None:
    both = People([ANNA, Person("Z0PQ-WBCQ-2", "s1", ANNA.name, ANNA.email)])
    received = Received("a.yaml", b"", ".yaml", Sender(email="anna@x.edu"))
    result = match(received, Submission("", "", {}, "a.yaml"), both)
    assert isinstance(result, Unmatched)
    assert "has several sheets: s1 (K7Q2-9MXA-V), s1 (Z0PQ-WBCQ-2)" in result.reason


def test_the_student_on_the_form_only_counts_without_a_sheet() -> None:
    received = Received("a.yaml", b"", ".yaml")
    result = match(received, Submission("", "s2", {}, "a.yaml"), PEOPLE)
    assert isinstance(result, Match)
    assert (result.person, result.by) == (BOB, "roster id")


BRIDGE = {"4": Sender(participant="4", name="Bob O'Neill", email="bob@x.edu")}


def test_a_platform_s_list_tells_who_a_number_is() -> None:
    assert who(participant="4", name="Bob ONeill", bridge=BRIDGE) == ("s2", "email")
    assert who(participant="4", bridge=BRIDGE) == ("s2", "email")
    assert "the sender is s2" in why(sheet=ANNA.sheet_id, participant="4", bridge=BRIDGE)


def test_moodle_puts_the_name_of_a_group_before_that_of_a_student() -> None:
    bridge = {"4": Sender(participant="4", name="Anna Maria van der Berg", email="anna@x.edu")}
    for name in ("Lab 2-Anna Maria van der Berg", "A-B-Anna Maria van der Berg"):
        assert who(participant="4", name=name, bridge=bridge) == ("s1", "email")
    for name in ("Lab 2-Anna Berg", "-", "Anna Maria van der Berg-Lab 2"):
        assert "nobody has the name" in why(participant="4", name=name, bridge=bridge)


def test_the_number_of_a_team_is_no_participant() -> None:
    """Groups are counted by themselves: number 4 may be another's."""
    result = found(sheet=ANNA.sheet_id, participant="4", name="Team A", bridge=BRIDGE)
    assert isinstance(result, Match)
    assert result.person == ANNA
    assert result.notes == (
        "In the platform's list, number 4 has another name than 'Team A': the list was not used.",
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Anna Berg", "BERG, anna", True),
        ("vanderberganna", "Anna van der Berg", True),
        ("Jean-Luc Picard", "Jean Luc Picard", True),
        ("ONeill Bob", "Bob O'Neill", True),
        ("Søren Æbelø", "soren aebelo", True),
        ("李 小龙", "小龙 李", True),
        ("Anna Berg", "Anna Bergmann", False),
        ("Anna Berg", "", False),
        ("", "", False),
    ],
)
def test_same_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same


def test_same_sender() -> None:
    assert same_sender(Sender(participant="1"), Sender(email="a@x"))
    assert same_sender(Sender(email="A@x", name="Ann B"), Sender(email="a@x", name="B, Ann"))
    assert not same_sender(Sender(participant="1"), Sender(participant="2"))
    assert not same_sender(Sender(email="a@x", lms_id="1"), Sender(email="a@x", lms_id="2"))
