from __future__ import annotations

import pytest

from generator.model.values import Tex
from generator.rendering.narrow import fewer, links, narrowed


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"a &= 1", []),
        (r"a &= 1 \\ b &= 2 \\[1ex] c &= 3", []),
        (r"a &= 1, & b &= 2", ["a &= 1, \\\\[0pt]\nb &= 2"]),
        (r"a &= 1, & b &= 2 \\[1ex] c &= 3", ["a &= 1, \\\\[1ex]\nb &= 2 \\\\[1ex]\nc &= 3"]),
        (r"a &= \begin{bmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{bmatrix} \\ b &= 2", []),
        (r"a &= {x & y & z} \{ \& \& \}", []),
        (r"& a && \text{b} \\ & c", ["& a \\\\[0pt]\n& \\text{b} \\\\[0pt]\n& c"]),
    ],
)
def test_rows_of_fewer_pairs_of_columns(body: str, expected: list[str]) -> None:
    assert [each.replace(r"\\", r" \\") for each in fewer(body)] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ["abcd", "efg"],
            ["ab cd efg", "ab cd ef g", "a b c d e f g"],
        ),  # lines as full as each other
        (["abc", "def"], ["ab cd ef", "a b c d e f"]),  # no pair alone in its line
        (["abcde"], ["abc de", "ab cd e", "a b c d e"]),
    ],
)
def test_lines_are_as_full_as_each_other(rows: list[str], expected: list[str]) -> None:
    def body(lines: list[str]) -> str:
        return r"\\[0pt]".join(" & ".join(f"{letter} &= 1" for letter in line) for line in lines)

    assert [each.replace("\n", "") for each in fewer(body(rows))] == [
        body(each.split()) for each in expected
    ]


def test_a_row_that_begins_with_empty_columns() -> None:
    (rows,) = fewer(r"& & a &= 1, & b &= 2")
    assert rows == "a &= 1,\\\\[0pt]\nb &= 2"
    assert links(rf"a &= {LONG}; \\ & & b &= c = d") == (
        rf"\chain{{a}}\link{{= {LONG};}}\chain{{b}}\link{{= c}}\link{{= d}}"
    )


def test_alignments_bring_all_ways_to_set_them() -> None:
    text = Tex("So\n\\begin{align*}\na &= 1, & b &= 2.\n\\end{align*}\nand \\[ x \\].")
    assert (
        narrowed(text)
        == "So\n\\lines{a &= 1, & b &= 2.}{\\orelse{a &= 1,\\\\[0pt]\nb &= 2.}}{}\nand \\[ x \\]."
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


@pytest.mark.parametrize(
    ("body", "others"),
    [
        (rf"a = {LONG} = c", ""),  # one formula
        (
            rf"a = {LONG} = c, \qquad b = d.",
            rf"\orelse{{a &= {LONG} = c,\\[0pt]" + "\nb &= d.}",
        ),
        (
            rf"a = {LONG} = c, \quad \quad b \le d",
            rf"\orelse{{a &= {LONG} = c,\\[0pt]" + "\nb &\\le d}",
        ),
    ],
)
def test_formulas_of_a_display_may_stand_in_rows(body: str, others: str) -> None:
    assert narrowed(Tex(rf"\[ {body} \]")) == rf"\linked{{{body}}}{{{others}}}{{{links(body)}}}"
