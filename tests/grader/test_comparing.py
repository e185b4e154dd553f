"""Comparing: equal, its credit, and evidence that does not hand over the answer."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.answers import (
    Array,
    Choice,
    Edges,
    Ends,
    FiniteSet,
    Group,
    Interval,
    Number,
    Order,
    PartialOrder,
    Shape,
    Tolerance,
    Witness,
)
from generator.model.values import array, exact
from grader.comparing import Comparison, compare
from grader.judging import judge, judge_lines

fractions = st.fractions(max_denominator=10**6)
numbers = fractions | st.floats(allow_nan=False, allow_infinity=False)
TOLERANCE = Tolerance(Fraction(1, 2000), Fraction(1, 1000))

truths: st.SearchStrategy[Any] = st.one_of(
    numbers.map(Number),
    st.lists(numbers, min_size=1, max_size=5).map(lambda v: Array(array(v))),
    st.lists(st.lists(fractions, min_size=2, max_size=2), min_size=1, max_size=4).map(
        lambda v: Array(array(v))
    ),
    st.lists(st.integers(1, 9) | st.just("n"), max_size=2).map(lambda sizes: Shape(tuple(sizes))),
    st.frozensets(st.sampled_from("abcd")).map(lambda s: Choice(s, tuple("abcd"), several=True)),
    st.permutations("abcd").map(lambda keys: Order(tuple(keys), tuple("abcd"))),
    st.frozensets(st.tuples(*[st.sampled_from("xyz")] * 2)).map(Edges),
    st.frozensets(numbers, max_size=4).map(FiniteSet),
    st.tuples(st.none() | numbers, st.none() | numbers, st.booleans(), st.booleans()).map(
        lambda ends: Interval(Ends(*ends))
    ),
)


@given(truths)
def test_the_truth_is_right(truth):
    result = compare(truth, truth.value)
    assert result == Comparison(True, Fraction(1))


@given(truths, truths)
def test_credit_is_whole_only_for_right_answers(truth, other):
    if type(truth) is type(other):
        result = compare(truth, other.value)
        assert 0 <= result.credit <= 1
        assert (result.credit == 1) == bool(result.equal) == (not result.evidence)


@given(fractions, st.booleans())
def test_the_ends_of_the_tolerance_belong(value, above):
    margin = TOLERANCE.margin(value) * (1 if above else -1)
    truth = Number(value, TOLERANCE)
    assert compare(truth, value + margin).equal
    assert not compare(truth, value + margin * Fraction(1_000_001, 1_000_000)).equal


SIX = Array(exact([[1, 2], [3, 4], [5, 6]]), partial=True)


def test_wrong_entries_are_placed_and_the_others_paid():
    result = compare(SIX, exact([[1, 7], [3, 4], [8, 6]]))
    assert result.equal is False
    assert result.credit == Fraction(4, 6)
    assert result.wrong == ((0, 1), (2, 0))
    assert result.evidence == "2 of 6 entries are wrong: row 1, column 2; row 3, column 1"


def test_without_partial_wrong_entries_earn_nothing():
    assert compare(Array(SIX.value), exact([[1, 7], [3, 4], [5, 6]])).credit == 0


@pytest.mark.parametrize("number", [0, 1, "1/3"])
def test_an_array_of_one_number_earns_nothing(number):
    truth = Array(exact([[0, 1], [0, 1], ["1/3", 0]]), partial=True)
    assert compare(truth, exact([[number] * 2] * 3)).credit == 0


def test_a_shape_that_does_not_fit_earns_nothing():
    result = compare(SIX, exact([[1, 2, 3], [4, 5, 6]]))
    assert result.credit == 0
    assert result.evidence == "this is a 2×3 matrix, but a 3×2 matrix is expected"


def test_the_other_layout_is_named():
    assert "the other layout" in compare(SIX, SIX.value.T).evidence
    assert "the other layout" in compare(Array(exact([[1, 2]])), exact([[1], [2]])).evidence
    assert "transpose" in compare(Array(exact([[1, 2], [3, 4]])), exact([[1, 3], [2, 4]])).evidence
    assert "layout" not in compare(SIX, exact([[1, 2, 3], [4, 5, 6]])).evidence


@pytest.mark.parametrize(
    ("truth", "value", "coarse"),
    [
        ("0.4207", "0.42", True),
        ("0.4207", "0.4", True),
        ("-0.4207", "-0.42", True),
        ("0.4267", "0.42", True),  # cut off
        ("0.4267", "0.43", True),
        ("0.4267", "0.44", False),
        ("0.4207", "-0.42", False),
        ("0.4207", "0", False),
        ("2.7183", "3", False),
        ("0.4207", "0.4216", False),
    ],
)
def test_a_right_value_with_too_few_digits_is_named(truth, value, coarse):
    result = compare(Number(Fraction(truth)), Fraction(value))
    assert result.equal is False
    assert ("give 4 decimals" in result.evidence) == coarse
    vector = compare(Array(exact([truth, 1])), exact([value, 1]))
    assert ("give 4 decimals" in vector.evidence) == coarse


def test_wrong_ticks_take_back_right_ones():
    truth = Choice(frozenset("abc"), tuple("abcde"), several=True, partial=True)
    assert compare(truth, frozenset("ab")).credit == Fraction(2, 3)
    assert compare(truth, frozenset("abd")).credit == Fraction(2, 3) - Fraction(1, 2)
    assert compare(truth, frozenset("de")).credit == 0
    evidence = compare(truth, frozenset("abd")).evidence
    assert evidence == "1 choice does not belong and 1 choice is missing"


@pytest.mark.parametrize("right", ["a", "ab", "abc", "abcd"])
def test_ticking_everything_earns_nothing(right):
    truth = Choice(frozenset(right), tuple("abcde"), several=True, partial=True)
    assert compare(truth, frozenset("abcde")).credit == 0


def test_no_evidence_names_the_right_choice():
    for keys in ({"b"}, {"b", "c"}, set()):
        truth = Choice(frozenset("a"), tuple("abc"), several=len(keys) != 1)
        assert "a" not in compare(truth, frozenset(keys)).evidence.replace("are", "").split()


def test_an_order_is_right_up_to_a_place():
    truth = Order(tuple("abcd"), tuple("abcd"))
    assert compare(truth, tuple("abdc")).wrong == ((2,), (3,))
    assert "up to place 2" in compare(truth, tuple("abdc")).evidence
    assert "reverse" in compare(truth, tuple("dcba")).evidence


# b before d, and d before both a and c.
PARTIAL = PartialOrder(
    tuple("bdac"), tuple("abcd"), frozenset({("b", "d"), ("d", "a"), ("d", "c")})
)


def test_every_order_that_keeps_the_pairs_is_right_and_no_other():
    right = {value for value in permutations("abcd") if compare(PARTIAL, value).equal}
    assert right == {tuple("bdac"), tuple("bdca")}


def test_an_order_that_breaks_a_pair_is_right_up_to_a_place():
    assert compare(PARTIAL, tuple("bacd")).wrong == ((1,),)
    assert "right up to place 1, but" in compare(PARTIAL, tuple("bacd")).evidence
    assert compare(PARTIAL, tuple("dbac")).evidence == "what stands at place 1 comes too early"
    assert "reversed" in compare(PARTIAL, tuple("acdb")).evidence
    assert "reversed" in compare(PARTIAL, tuple("cadb")).evidence


@pytest.mark.parametrize(("mistake", "alike"), [("bacd", {"bacd"}), ("acdb", {"acdb", "cadb"})])
def test_a_mistaken_order_is_near_to_itself_or_to_all_that_are_reversed(mistake, alike):
    wrong = PARTIAL.like(tuple(mistake))
    near = {value for value in permutations("abcd") if compare(wrong, value).equal}
    assert near == set(map(tuple, alike))


def test_the_pairs_of_an_order_are_pairs_of_options():
    with pytest.raises(ValueError, match="'e'"):
        PartialOrder(tuple("ab"), tuple("ab"), frozenset({("a", "e")}))


def test_edges_that_do_not_belong_are_the_students_own():
    truth = Edges(frozenset({("x", "y"), ("y", "z")}))
    evidence = compare(truth, frozenset({("x", "y"), ("x", "z")})).evidence
    assert evidence == "not in the graph: x->z; 1 edge is missing"
    assert "reversed" in compare(truth, frozenset({("y", "x"), ("z", "y")})).evidence


def test_a_group_earns_the_mean_of_its_members():
    truth = Group.of(first=Number(1), second=SIX)
    result = compare(truth, {"first": Fraction(1), "second": exact([[1, 2], [3, 4], [5, 7]])})
    assert result.credit == (1 + Fraction(5, 6)) / 2
    assert result.evidence == "second: 1 of 6 entries is wrong: row 3, column 2"
    assert compare(truth, {"first": Fraction(1)}).credit == Fraction(1, 2)


def test_a_witness_is_not_compared():
    with pytest.raises(TypeError, match="Witness"):
        compare(Witness({"w": exact(1)}, {"w": ()}), {"w": exact(1)})


# grader.judging


def test_a_result_has_the_fields_that_a_program_expects():
    result = judge({"id": "r1", "kind": "array", "truth": "[1,2]", "answer": "(1, 2)"})
    assert list(result) == [
        "id", "status", "credit", "read_as", "feedback", "counterexample", "seconds",
    ]  # fmt: skip
    assert result | {"seconds": 0} == {
        "id": "r1",
        "status": "CORRECT",
        "credit": 1.0,
        "read_as": "[1, 2]",
        "feedback": "",
        "counterexample": None,
        "seconds": 0,
    }


def test_bad_lines_do_not_stop_the_others():
    good = json.dumps({"id": 1, "kind": "number", "truth": "1/2", "answer": "0,5"})
    bad: list[bytes | str] = [
        "{", "[]", "null", "NaN", '{"id": NaN}', b"\xff\xfe", "[" * 100_000, "1" * 5_000, "{}",
        '{"id": 7, "kind": "number"}', b"\x00", '"' + "a" * 11_000_000 + '"',
    ]  # fmt: skip
    results = list(judge_lines([good, "", *bad, " \n", good.encode()]))
    assert len(results) == len(bad) + 2
    assert [results[0]["status"], results[-1]["status"]] == ["CORRECT"] * 2
    for result in results[1:-1]:
        assert result["status"] == "ERROR"
        assert result["feedback"]
        json.dumps(result)
    assert results[1]["feedback"].startswith("line 3: not JSON")


def test_the_same_row_is_judged_the_same():
    row = {"kind": "array", "truth": "[sqrt(2), 1]", "answer": "[1.41, 1]"}
    assert judge(row) | {"seconds": 0} == judge(row) | {"seconds": 0}


def test_a_failure_inside_is_never_wrong(monkeypatch, caplog):
    monkeypatch.setattr("grader.judging.compare_in_form", lambda *_: 1 / 0)
    result = judge({"kind": "number", "truth": "1", "answer": "1"})
    assert result["status"] == "UNDECIDED"
    assert "judging row" in caplog.text
