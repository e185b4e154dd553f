"""The answer language: what is written reads back, what can't be read says why and where."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.model.answers import Ends
from generator.model.errors import NotationError
from generator.model.values import array
from generator.notation import (
    limits,
    read_array,
    read_edges,
    read_interval,
    read_labels,
    read_number,
    read_order,
    read_set,
    read_shape,
    write,
)
from generator.notation.formulas.lexing import tokens
from generator.notation.numbers import NO_NAMES, NumberParser, computed, plain_number
from tests.effort import calls

OPTIONS = ("red", "green", "blue", "add_to_all")
READERS: list[Callable[[str], Any]] = [
    read_number,
    read_array,
    read_set,
    read_interval,
    read_shape,
    read_edges,
    lambda text: read_labels(text, OPTIONS),
    lambda text: read_order(text, OPTIONS),
]


def refusal(read: Callable[[str], Any], text: str) -> NotationError | None:
    try:
        read(text)
    except NotationError as error:
        return error
    return None


fractions = st.fractions(max_denominator=10**9) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6
).map(Fraction)
floats = st.floats(allow_nan=False, allow_infinity=False)
numbers = fractions | floats
symbols = st.sampled_from(["m", "n", "d_h", "k", "x"])
sizes = st.integers(1, 10**6) | symbols


@given(numbers)
@example(Fraction(1, 3))
@example(Fraction(-1, 10**6))
@example(5e-324)
@example(1.7976931348623157e308)
def test_a_number_reads_back(value):
    read = read_number(write(value))
    assert type(value)(read) == value


@given(
    st.one_of(
        st.lists(numbers, min_size=1, max_size=6),
        st.integers(1, 4).flatmap(
            lambda width: st.lists(
                st.lists(fractions, min_size=width, max_size=width), min_size=1, max_size=4
            )
        ),
    )
)
def test_an_array_reads_back(entries):
    value = array(np.array(entries, dtype=object))
    read = read_array(write(value))
    assert read.shape == value.shape
    assert np.array_equal(read.astype(value.dtype), value)
    assert not read.flags.writeable


@given(st.lists(sizes, max_size=2).map(tuple))
def test_a_shape_reads_back(value):
    assert read_shape(write(value)) == value


@given(st.permutations(OPTIONS).map(tuple))
def test_an_order_reads_back(value):
    assert read_order(write(value), OPTIONS) == value


@given(st.frozensets(st.sampled_from(OPTIONS)))
def test_choices_read_back(value):
    assert read_labels(write(value), OPTIONS) == value


@given(st.frozensets(fractions, max_size=6))
def test_a_set_reads_back(value):
    assert read_set(write(value)) == value


@given(st.frozensets(st.tuples(*[st.sampled_from(["x", "A", "z1", "z_2", "L"])] * 2), max_size=9))
def test_edges_read_back(value):
    assert read_edges(write(value)) == value


@given(st.none() | fractions, st.none() | fractions, st.booleans(), st.booleans())
def test_an_interval_reads_back(low, high, low_belongs, high_belongs):
    if low is not None and high is not None and low >= high:
        low, high = high - 1, low
    value = Ends(low, high, low_belongs and low is not None, high_belongs and high is not None)
    assert read_interval(write(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 64), "0.015625"),
        (Fraction(1, 128), "1/128"),
        (Fraction("0.1234567"), "0.1234567"),
        (Fraction(2, 3), "2/3"),
        (Fraction(-3), "-3"),
        (1e-7, "1e-07"),
        (array([[1, Fraction(1, 2)], [3, 4]]), "[[1, 0.5], [3, 4]]"),
        ((3, 4), "3x4"),
        ((), "scalar"),
        (("m", "n"), "(m, n)"),
        (frozenset({"c", "a"}), "a, c"),
        (frozenset(), "none"),
        (frozenset({Fraction(2), Fraction(-1)}), "{-1, 2}"),
        (frozenset({("x", "z1")}), "x->z1"),
        (Ends(None, Fraction(2), False, True), "(-inf, 2]"),
        ({"w": array([1, 2]), "b": Fraction(1)}, "w = [1, 2]; b = 1"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_values_are_written_briefly(value, text):
    assert write(value) == text


def test_only_plain_values_are_written():
    with pytest.raises(TypeError, match="object is not a plain value"):
        write(object())


GLYPHS = "0123456789.,;+-*/^()[]{}|%√½²'=eπ∞xab \n\\&_→−×"


@settings(max_examples=60)
@given(
    st.text(max_size=300)
    | st.text(GLYPHS, max_size=300)
    | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
)
def test_any_text_is_read_or_refused(text):
    for read in READERS:
        error = refusal(read, text)
        if error is not None:
            assert error.problem
            assert error.position is None or 0 <= error.position <= len(text)
            assert all(line.isprintable() for line in error.shown().splitlines())


@settings(max_examples=25)
@given(st.text(GLYPHS, min_size=1, max_size=12), st.integers(0, 3))
def test_ten_thousand_characters_are_bounded(piece, extra):
    text = (piece * limits.LENGTH)[: limits.LENGTH] + "1" * extra
    for read in READERS:
        assert calls(partial(refusal, read, text)) < 100 * limits.LENGTH


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9^9", "(" * 5000, "[" * 5000, "-" * 9000 + "1", "√" * 9000, "2^" * 4000 + "2",
        "x*" * 500_000, "1/9^9^9", "9^399*" * 1500 + "9", "1" * 9_999, "1e99999999999",
        "exp(exp(exp(exp(9))))", "\\left(" * 1600, "{\\" * 4999, "﷽" * 9_999, "1,000" * 2000,
        "²" * 9_999, "[1,[1," * 1600, "1/" * 4999 + "1", "lcm(" + "7^99," * 1900 + "1)",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
@pytest.mark.parametrize("read", READERS[:4])
@pytest.mark.timeout(60)
def test_hostile_texts_are_bounded(read, text):
    def work():
        error = refusal(read, text)
        if error is not None:
            error.shown()

    assert calls(work) < 50 * limits.LENGTH


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1" * (limits.LENGTH + 1), limits.LENGTH),
        ("(" * (limits.NESTING + 1), limits.NESTING),
        ("1" * (limits.DIGITS + 1), limits.DIGITS),
        (f"1e{limits.EXPONENT + 1}", limits.EXPONENT),
        ("9^600*9^600", limits.DIGITS),
        ("1 " * (limits.ENTRIES + 1), limits.ENTRIES),
    ],
    ids=["length", "nesting", "digits", "exponent", "computed digits", "entries"],
)
def test_a_limit_that_was_met_is_named(text, limit):
    with pytest.raises(NotationError, match=f"{limit:,}"):
        read_array(text)


def test_what_is_within_the_limits_is_read():
    assert read_number("(" * limits.NESTING + "7" + ")" * limits.NESTING) == 7
    assert read_number("9" * limits.DIGITS) == 10**limits.DIGITS - 1
    assert read_number(f"1e-{limits.EXPONENT}") == Fraction(1, 10**limits.EXPONENT)
    assert read_array("1 " * limits.ENTRIES).size == limits.ENTRIES


@pytest.mark.parametrize(
    ("read", "text", "position", "problem"),
    [
        (read_number, "1 / 0", 2, "divides by zero"),
        (read_number, "２ ×", 3, "missing at the end"),
        (read_number, "½ + foo(1)", 4, "no function foo"),
        (read_number, "10⁻³ §", 5, "the sign § is not read"),
        (read_number, "3 + 0x1F", 4, "base ten"),
        (read_number, "(1 + 2", 0, "closing ) missing"),
        (read_number, "1 + \x00", 4, "invisible"),
        (read_number, "1,000", 0, "Write 1000"),
        (read_array, "[1, 2", 0, "closing ] missing"),
        (read_array, "[1 2; 3 4 5]", 6, "row 2 has 3 entries, but row 1 has 2"),
        (read_array, "[[1, 2], [3]]", 10, "row 2 has 1 entry, but row 1 has 2"),
        (read_array, "[1, −x]", 5, "there is no x"),
        (read_interval, "(2, 1)", 1, "lower end comes first"),
        (read_interval, "[-inf, 1)", 1, "round bracket"),
        (read_set, "{1, 2", 0, "closing } missing"),
        (lambda text: read_labels(text, OPTIONS), "a, c and e", 9, "answer with A, B, C, D"),
        (lambda text: read_labels(text, ("1", "2")), "2, -1+1", 3, "-1 is not one of the choices"),
        (lambda text: read_labels(text, ("1", "2")), "-12", 0, "-12 is not one of the choices"),
        (lambda text: read_order(text, OPTIONS), "b, a, b", 6, "B is here twice"),
        (lambda text: read_order(text, OPTIONS), "b, a", None, "C, D are missing"),
        (lambda text: read_edges(text, ("x1", "y")), "x1->z", 4, "the nodes are x1, y"),
        (lambda text: read_edges(text, ("alpha", "y")), "alpa->y", 0, "did you mean alpha?"),
    ],
)
def test_refusals_say_what_and_where(read, text, position, problem):
    with pytest.raises(NotationError) as caught:
        read(text)
    assert problem in caught.value.problem
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^-3", Fraction(1, 8)),
        ("sqrt(4)", Fraction(2)),
        ("sqrt(9/16)", Fraction(3, 4)),
        ("4^(1/2)", Fraction(2)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("12.5 %", Fraction(1, 8)),
        ("ln(1) + exp(0)", Fraction(1)),
        ("sqrt(2)^2 - 2", Fraction(0)),
    ],
)
def test_numbers_are_exact_where_they_can_be(text, value):
    read = read_number(text)
    assert isinstance(read, Fraction)
    assert read == value


def test_cancellation_keeps_its_digits():
    small = read_number("(5*sqrt(2) - 7)^7")
    direct = read_number("1/(5*sqrt(2) + 7)^7")  # (5 sqrt 2 - 7)(5 sqrt 2 + 7) = 1
    assert small == pytest.approx(direct, rel=1e-15)


def test_exact_reading_refuses_what_is_no_fraction():
    assert read_array("[1/3, 0.2]", exact=True).dtype == object
    with pytest.raises(NotationError, match="checked exactly") as caught:
        read_array("[1/3, sqrt(2)]", exact=True)
    assert caught.value.position == 6


@given(
    st.from_regex(
        r"[-+]?[0-9]{0,4}(\.[0-9]{0,4})?([eE][-+]?[0-9]{1,2}|/[0-9]{1,3})?", fullmatch=True
    )
)
def test_plain_numbers_are_read_as_formulas_are(text):
    plain = plain_number(text)
    if plain is not None:
        tree = NumberParser(text, NO_NAMES).formula()
        assert computed(tree, text) == ([[plain]], ())


@given(st.lists(st.lists(st.integers(-99, 99), min_size=2, max_size=2), min_size=1, max_size=3))
def test_plain_arrays_are_read_as_others_are(rows):
    assert_same(
        read_array(str(rows)), read_array(f"-1 * {[[-each for each in row] for row in rows]}")
    )


def assert_same(one, other):
    assert one.shape == other.shape
    assert (one == other).all()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sin(pi)", 0), ("cos(pi/2)", 0), ("cos(1)^2 + sin(1)^2 - 1", 0), ("tan(pi/3)-sqrt(3)", 0),
        ("1 - tanh(20)", 8.496708510583178e-18), ("sin(10^20)", -0.6452512852657808),
        ("exp(-700)", 9.85967654375977e-305), ("sqrt(2) - 1.41421356237309504880", 1.6887e-21),
    ],
)  # fmt: skip
def test_inexact_numbers_have_the_digits_of_a_float(text, value):
    assert float(read_number(text)) == pytest.approx(value, rel=1e-4 if "1.4142" in text else 1e-15)
    assert (value == 0) == isinstance(read_number(text), Fraction)


def test_numbers_beyond_floats_are_fractions():
    large, small = read_number("exp(1237.3)"), read_number("exp(-1237.3)")
    assert isinstance(large, Fraction)
    assert isinstance(small, Fraction)
    assert abs(large * small - 1) < Fraction(1, 10**15)
    assert read_number(write(large)) == large
    assert read_number(write(small)) == small
    with pytest.raises(NotationError, match="too large or too close"):
        read_number("exp(9999)")


def test_tokens_point_into_the_text_as_typed():
    text = "√２ ·  ½⁻¹"
    found, _ = tokens(text)
    assert [(t.text, t.at) for t in found][:5] == [
        ("√", 0), ("2", 1), ("·", 3), ("½", 6), ("^", 7),
    ]  # fmt: skip
    assert found[-1].at == len(text)
