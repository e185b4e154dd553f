from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.model.errors import InputError
from generator.model.values import Tex, exact
from generator.rendering import mathematics
from generator.rendering.escaping import breakable, escape, shortened

F = Fraction


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (F(0), "0"),
        (-3, "-3"),
        (np.int64(4), "4"),
        (F(1, 8), "0.125"),
        (F(-1, 8), "-0.125"),
        (F(1, 16), "0.0625"),
        (F(1, 32), r"\frac{1}{32}"),
        (F(-2, 3), r"-\frac{2}{3}"),
        (F(7, 2), "3.5"),
        (F(1234567), "1234567"),
        (0.25, "0.25"),
        (1 / 3, "0.3333"),
        (0.00675, "0.0068"),  # in binary a little nearer to 0
        (-1e-9, r"-1 \cdot 10^{-9}"),
        (2.5e12, r"2.5 \cdot 10^{12}"),
        (exact([1, "1/2"]), r"\begin{bmatrix} 1 \\ 0.5 \end{bmatrix}"),
        (exact([[1, 2]]), r"\begin{bmatrix} 1 & 2 \end{bmatrix}"),
        (Tex(r"\alpha"), r"\alpha"),
        ("50 %", r"50 \%"),
    ],
)
def test_a_value_prints_as(value: Any, expected: str) -> None:
    assert mathematics.latex(value) == expected


@pytest.mark.parametrize("value", [None, True, np.bool_(False), (1, 2), {"a": 1}, frozenset({1})])
def test_what_has_no_obvious_look_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="filter"):
        mathematics.latex(value)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (mathematics.frac(F(1, 8)), r"\frac{1}{8}"),
        (mathematics.frac(F(-1, 8)), r"-\frac{1}{8}"),
        (mathematics.frac(F(3)), "3"),
        (mathematics.dec(F(-1, 8), 2), "-0.13"),
        (mathematics.dec(F(-1, 1000), 2), "0.00"),
        (mathematics.dec(0.5, 0), "1"),
        (mathematics.dec(F(2), 3), "2.000"),
        (mathematics.dec(-0.00675, 4), "-0.0068"),
        (mathematics.row(mathematics.dec(exact(["1/3", 1]), 1)), r"(0.3,\ 1.0)"),
        (mathematics.row(exact(["1/3", -1])), r"\left(\frac{1}{3},\ -1\right)"),
        (mathematics.row(exact(["1/3", "1/2"])), r"\left(\frac{1}{3},\ \frac{1}{2}\right)"),
        (mathematics.row([0.12345, 0.5, 2.0]), r"(0.1235,\ 0.5000,\ 2)"),
        (mathematics.row([0.25, 0.5]), r"(0.25,\ 0.5)"),
        (
            mathematics.matrix(exact([["1/3", 1], [2, 3]])),
            r"\begin{bmatrix} \frac{1}{3} & 1 \\[3pt] 2 & 3 \end{bmatrix}",
        ),
        (mathematics.signed(3), "+ 3"),
        (mathematics.signed(F(-2, 3)), r"- \frac{2}{3}"),
        (mathematics.signed(0), "+ 0"),
        (mathematics.affine([2, -1], ["x", "y"], 3), "2x - y + 3"),
        (mathematics.affine([-1, 0], ["x", "y"], F(-1, 3)), r"-x - \frac{1}{3}"),
        (mathematics.affine([0, 0], ["x", "y"], 0), "0"),
        (mathematics.affine([0, F(1, 2)], ["x", r"\beta"]), r"0.5 \beta"),
        (mathematics.shape((3, "m")), r"3 \times m"),
    ],
)
def test_a_filter_gives(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("number", r"-\frac{1}{8} = -0.125"),
        ("vector", r"\left(-\frac{1}{8},\ \frac{1}{3},\ 0\right)"),
        ("size", r"3 \times m"),
        ("one_choice", r"\text{B}"),
        ("some_choices", r"\text{1},\ \text{3}"),
        ("order", r"\text{C},\ \text{A},\ \text{B}"),
        ("edges", r"{\text{x} \to \text{z}},\ \allowbreak {\text{z} \to \text{L}}"),
        ("numbers", r"\{-1,\ 0.5\}"),
        ("interval", r"(-\infty,\ 2]"),
        ("formula", r"x^{2} + 1"),
    ],
)
def test_the_answer_is_shown_as(question: Any, part: str, expected: str) -> None:
    assert mathematics.answer(question.truths[part]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("100 % of $5 & #1_a {b}", r"100 \% of \$5 \& \#1\_a \{b\}"),
        ("~ ^", r"\textasciitilde{} \textasciicircum{}"),
        ("<< >>", r"\textless{}\textless{} \textgreater{}\textgreater{}"),
        ("a--b", "a{-}{-}b"),
        ("a – b", r"a \textendash{} b"),
        ("''x'' ,,y", "'{}'x'{}' ,{},y"),
        ('"`', r"\textquotedbl{}\textasciigrave{}"),
        ("a \n\t b", "a b"),
        ("Zoe\u0308", "Zoë"),
        ("Nguye\u0302\u0303n Lệ, ț ḥ ǰ", "Nguyễn Lệ, ț ḥ ǰ"),
    ],
)
def test_text_is_escaped(text: str, expected: str) -> None:
    assert escape(text) == expected


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\x7f"])
def test_a_control_character_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="control character"):
        escape(text)


def test_long_words_may_break_and_keep_every_letter() -> None:
    broken = breakable("ab" * 150)
    assert broken.count(r"\penalty500{}") == 18
    assert broken.replace(r"\penalty500{}", "") == "ab" * 150


def test_shortened() -> None:
    assert shortened("short  one", 20) == "short one"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
