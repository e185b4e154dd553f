from __future__ import annotations

import pytest

from generator.model.values import Tex
from generator.rendering.narrow import links, narrowed, pairs


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"a &= 1", ""),
        (r"a &= 1 \\ b &= 2 \\[1ex] c &= 3", ""),
        (r"a &= 1, & b &= 2", "a &= 1,\\\\[0pt]\nb &= 2"),
        (r"a &= 1, & b &= 2 \\ c &= 3", "a &= 1,\\\\[0pt]\nb &= 2 \\\\ c &= 3"),
        (r"a &= \begin{bmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{bmatrix} \\ b &= 2", ""),
        (r"a &= {x & y & z} \{ \& \& \}", ""),
        (r"& a && \text{b} \\ & c", "& a\\\\[0pt]\n& \\text{b} \\\\ & c"),
    ],
)
def test_each_pair_of_columns_in_a_row(body: str, expected: str) -> None:
    assert pairs(body) == expected


def test_alignments_bring_both_ways_to_set_them() -> None:
    text = Tex("So\n\\begin{align*}\na &= 1, & b &= 2.\n\\end{align*}\nand \\[ x \\].")
    assert (
        narrowed(text)
        == "So\n\\lines a &= 1, & b &= 2.\\closelines{a &= 1,\\\\[0pt]\nb &= 2.}{}\nand \\[ x \\]."
    )


LONG = "x" * 60


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = b = c", ""),  # short
        (f"a = {LONG}", ""),  # no chain
        (f"a = {LONG} = c.", rf"\chain{{a}}\link{{= {LONG}}}\link{{= c.}}"),
        (
            f"a &= {LONG} = c, & b &= d",
            rf"\chain{{a}}\link{{= {LONG}}}\link{{= c,}}\chain{{b}}\link{{= d}}",
        ),
        (
            rf"a &= {LONG} \\ &\approx c \\ b &= d",
            rf"\chain{{a}}\link{{= {LONG}}}\link{{\approx c}}\chain{{b}}\link{{= d}}",
        ),
        # what is inside brackets is no chain
        (rf"a = {LONG} \left[ b = c \right) + 1\{{i = j\}} + (d = e)", ""),
        (rf"a = {LONG} = \text{{and}} = b, \qquad \text{{for all }} x", ""),  # a remark
        (f"a = {LONG}(b = c = d", ""),  # brackets that do not match
        (
            rf"\begin{{bmatrix}} 1 & 2 \\ 3 & 4 \end{{bmatrix}} = {LONG} = c",
            r"\chain{\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}}"
            rf"\link{{= {LONG}}}\link{{= c}}",
        ),
    ],
)
def test_chains_are_cut_before_their_relations(body: str, expected: str) -> None:
    assert links(body) == expected
