"""Advice on mistakes: formulas on paper, as typed in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from generator import catalog
from generator.model.answers import Number
from generator.model.errors import AuthoringError
from generator.model.exercise import Mistake, part
from generator.rendering.advice import formula, typeset


def mistakes() -> Iterator[Mistake]:
    for name in catalog.names():
        for each in catalog.find(name).parts.values():
            yield from each.mistakes.values()


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("z1 < 0", "z_{1} < 0"),
        ("1 - h^2", "1 - h ^{2}"),
        ("w2^T h + b2", r"w_{2} ^{\mathsf{T}} h + b_{2}"),
        ("dL/do", r"\partial L / \partial o"),
        ("a <= x < b", r"a \le x < b"),
        ("|f - F|", r"\lvert f - F \rvert"),
        ("2 epsilon", r"2 \varepsilon"),
        ("1 - sigma(z)", r"1 - \sigma ( z )"),
        ("c g(x - a)", r"c \, g ( x - a )"),
        ("e^(ln r)", r"e ^{\ln r}"),
        ("1/(1 + e^-z)", "1 / ( 1 + e ^{- z} )"),
        ("z_1 - g'(z)", "z_{1} - g' ( z )"),
        ("dJ/dz2", r"\partial J / \partial z_{2}"),
        ("ReLU(z)", r"\operatorname{ReLU} ( z )"),
    ],
)
def test_typed_mathematics_becomes_latex(typed: str, latex: str) -> None:
    assert formula(typed) == latex


def test_text_around_it_is_escaped() -> None:
    assert typeset("50 % of $z1$ & more") == r"50 \% of $z_{1}$ \& more"


@pytest.mark.parametrize("typed", ["z \\input x", "slope of z", "z # 1", "100%"])
def test_what_is_no_mathematics_is_told(typed: str) -> None:
    with pytest.raises(AuthoringError, match="in advice"):
        formula(typed)


def test_a_dollar_without_a_partner_is_told() -> None:
    @part(points=1)
    def answer(self: object) -> Number:
        return Number(1)

    with pytest.raises(AuthoringError, match="dollar"):
        answer.mistake("Look at $z1.")(lambda self: 2)


def test_a_terminal_shows_advice_as_typed() -> None:
    assert Mistake("m", "See $z1 < 0$.", lambda self: 1, ()).advice == "See z1 < 0."


# A letter of its own (but for words and the classes I and II) or with an index, and signs.
_BARE = re.compile(
    r"(?<![\w'(])(?!(?:a|A|I|II)(?!\w))[A-Za-z](?:_?\d+)?(?![\w'])"
    r"|[<>=|^]|\w\(|\d/\w| [-+] |\b(?:sigma|epsilon)\b"
)


def test_no_mathematics_is_left_as_text() -> None:
    left = []
    for mistake in mistakes():
        texts = mistake.marked.split("$")[::2]
        left += [mistake.marked for text in texts if _BARE.search(text)]
    assert not left


def test_all_advice_can_be_set() -> None:
    for mistake in mistakes():
        assert "$$" not in typeset(mistake.marked)
