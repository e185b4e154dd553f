"""Forms: one tree in three formats, and every way in which a file can be no form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.model.errors import InputError
from grader.submissions import Submission
from grader.submissions.forms import load_form, read_form

YAML = """\
# Week 3
sheet: K7Q2-9MXA-V
student: "0042"
q1:
  # a list of 3 numbers
  brackets: [1,-2, 0.50]
  matrix: [[1, 2], [3, 4]]
  sizes:
    W1: 3x4
    dv: "(4,)"
  weights: {W: "[1 2; 3 4]", b: -1/8}
  separable: no
q2:
  small: 1e-3
  octal: 010
  date: 2022-07-08
  blank: ""
  points: {1, 2}
expects:
  q2: {small: number}
"""
TOML = """\
sheet = "K7Q2-9MXA-V"
student = "0042"
[q1]
brackets = "[1,-2, 0.50]"
matrix = "[[1, 2], [3, 4]]"
sizes = { W1 = "3x4", dv = "(4,)" }
weights = { W = "[1 2; 3 4]", b = "-1/8" }
separable = "no"
[q2]
small = 1e-3
octal = "010"
date = "2022-07-08"
blank = ""
points = "{1, 2}"
[expects]
q2 = { small = "number" }
"""
JSON = """\
{"sheet": "K7Q2-9MXA-V", "student": "0042",
 "q1": {"brackets": "[1,-2, 0.50]", "matrix": [[1, 2], [3, 4]],
        "sizes": {"W1": "3x4", "dv": "(4,)"},
        "weights": {"W": "[1 2; 3 4]", "b": "-1/8"}, "separable": "no"},
 "q2": {"small": 1e-3, "octal": "010", "date": "2022-07-08", "blank": null, "points": "{1, 2}"},
 "expects": {"q2": {"small": "number"}}}
"""
ANSWERS: dict[str, Any] = {
    "q1": {
        "brackets": "[1,-2, 0.50]",
        "matrix": "[[1, 2], [3, 4]]",
        "sizes": {"W1": "3x4", "dv": "(4,)"},
        "weights": {"W": "[1 2; 3 4]", "b": "-1/8"},
        "separable": "no",
    },
    "q2": {
        "small": "1e-3",
        "octal": "010",
        "date": "2022-07-08",
        "blank": "",
        "points": "{1, 2}",
    },
}


def load(folder: Path, content: str | bytes, suffix: str = ".yaml") -> Submission:
    path = folder / f"form{suffix}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_form(path)


@pytest.mark.parametrize(
    ("suffix", "content"), [(".yaml", YAML), (".YML", YAML), (".toml", TOML), (".json", JSON)]
)
def test_the_same_tree_in_every_format(tmp_path: Path, suffix: str, content: str) -> None:
    path = tmp_path / f"form{suffix}"
    expects = {"q2": {"small": "number"}}
    assert load(tmp_path, content, suffix) == Submission(
        "K7Q2-9MXA-V", "0042", ANSWERS, str(path), expects
    )


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + YAML.replace("\n", "\r\n").encode()
    assert load(tmp_path, content).answers == ANSWERS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("suffix", "content"), [(".yaml", YAML), (".toml", TOML), (".json", JSON)])
def test_utf_16_that_says_so_is_read(
    tmp_path: Path, encoding: str, suffix: str, content: str
) -> None:
    data = f"\ufeff{content}".replace("\n", "\r\n").encode(encoding)
    assert load(tmp_path, data, suffix).answers == ANSWERS


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("“[1, 2]”", "[1, 2]"),
        ("„[1, 2]“  # a vector", "[1, 2]"),
        ('“[1, 2]"', "[1, 2]"),
        ('"[1, 2]”\r', "[1, 2]"),
        ("“a: b”", "a: b"),
        (r"“\frac{1}{2}”", r"\frac{1}{2}"),
        ("””", ""),
        ("“ ”", " "),
        ("“", "“"),
        ("1 “2” 3", "1 “2” 3"),
    ],
)
def test_quotes_of_a_word_processor_are_quotes(tmp_path: Path, line: str, text: str) -> None:
    found = load(tmp_path, f"sheet: “A”\nq1:\n  a: {line}\n  b: “x”\n")
    assert found.sheet_id == "A"
    assert found.answers == {"q1": {"a": text, "b": "x"}}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        (r"\sqrt{2} \times \nabla\, 3", r"\sqrt{2} \times \nabla\, 3"),
        (r"1 & 2 \\ 3 & 4", r"1 & 2 \\ 3 & 4"),
        (r"\\frac{1}{2}", r"\frac{1}{2}"),
        (r"say \"x\"", 'say "x"'),
        (r"3\u00d74", "3×4"),
        (r"3\xd74", "3×4"),
    ],
)
@pytest.mark.parametrize("comment", ["", "  # a size"])
def test_latex_between_quotes_stays_as_typed(
    tmp_path: Path, typed: str, text: str, comment: str
) -> None:
    answers = load(tmp_path, f'q1:\n  a: "{typed}"{comment}\n  b: "1"\n').answers
    assert answers == {"q1": {"a": text, "b": "1"}}


def test_an_exercise_without_answers_is_blank(tmp_path: Path) -> None:
    assert load(tmp_path, "sheet: x\nq1:\n").answers == {"q1": {}}


@pytest.mark.parametrize(
    ("items", "read"),
    [
        (("1, 2", "3, 4"), "[1, 2; 3, 4]"),
        (("1 -2", "3 4"), "[1 -2; 3 4]"),
        (("0,5", "2"), "[0,5; 2]"),
        (("1", "-2"), "[1, -2]"),
        (("x + 1", "max(0, x)"), "[x + 1, max(0, x)]"),
        (("[1, 2]", "[3, 4]"), "[[1, 2], [3, 4]]"),
        (("A", "C"), "[A, C]"),
    ],
)
def test_items_with_several_numbers_are_rows(tmp_path: Path, items, read: str) -> None:
    text = "q1:\n  a:\n" + "".join(f"    - {item}\n" for item in items)
    assert load(tmp_path, text).answers == {"q1": {"a": read}}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ('"1 2\n    3 4"', "1 2\n3 4"),
        ("1 -2\n    3 4/5", "1 -2\n3 4/5"),
        ("'[1, 2\n    3, 4]'", "[1, 2\n3, 4]"),
        ('"[[1, 2],\n    [3, 4]]"', "[[1, 2], [3, 4]]"),
        ('"1, 2, 3,\n    4"', "1, 2, 3, 4"),
        ('"1 2\n    3"', "1 2 3"),
        ('"1\n    2"', "1 2"),
        ('"x +\n    1"', "x + 1"),
        ("|\n    1 2\n    3 4", "1 2\n3 4\n"),
    ],
)
def test_rows_on_lines_of_their_own_stay_rows(tmp_path: Path, typed: str, read: str) -> None:
    """YAML has a blank for a new line; what is no matrix is read as YAML has it."""
    assert load(tmp_path, f"q1:\n  a: {typed}\n").answers == {"q1": {"a": read}}


@pytest.mark.parametrize("indent", ["\t", "\xa0\xa0", " \xa0"])
def test_tabs_and_no_break_spaces_indent(tmp_path: Path, indent: str) -> None:
    text = f'sheet: x\nq1:\n{indent}a: "1"\n{indent}b:\n{indent}{indent}W: "2"\n'
    assert load(tmp_path, text).answers == {"q1": {"a": "1", "b": {"W": "2"}}}


def test_quotes_and_line_breaks_in_a_list_are_not_part_of_the_answer(tmp_path: Path) -> None:
    answers = load(tmp_path, 'q1:\n  a: ["x", y]\n  b: [1, # one\n    2]\n  c:\n  - 1\n  - 2\n')
    assert answers.answers["q1"] == {"a": "[x, y]", "b": "[1, 2]", "c": "[1, 2]"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n- b\n", "line 1: a form is a mapping"),
        ("just text", "line 1: a form is a mapping"),
        ("sheet: a\nq1:\n  a: 1\n  b: 2\n  a: 3\n", "line 5: the key 'a' stands twice"),
        ("q1: &x\n  a: 1\nq2: *x\n", "line 1: anchors"),
        ("q1:\n  a: *x\n", "line 2: anchors"),
        ("q1:\n  a: !!python/object:os.system x\n", "line 2: tags"),
        ("q1:\n  a: !b x\n", "line 2: tags"),
        ("q1:\n  a: [0, 1)\nq2:\n  b: 1\n", "not YAML"),
        ("q1:\n  a: @x\n", 'line 2: put this answer in quotes: a: "..."'),
        ("q1:\n  a: x: y\n", "line 2: put this answer in quotes"),
        ("q1:\n  a: | x |\n", "line 2: put this answer in quotes"),
        ("q1:\n  a: {e^{c}}\n", "line 2: put this answer in quotes"),
        ('q1:\n  a:"1"\n  b: "2"\n', "line 2: a blank is missing behind a:"),
        ('q1:\n  a = 1\n  b: "2"\n', 'line 2: write a colon behind a, as in a: "..."'),
        ('q1:\n  a: "1\n  # (b)\n  b: "2"\n', "line 2: the quote that opens here is not closed"),
        ('q1:\n  a: [1, 2]"\n  b: "2"\n', "line 2: a quote is closed here that was not opened"),
        ('q1:\n  a: "1" or 2\n', "line 2: the answer goes on behind its closing quote"),
        ('q1:\n  a: "1 "as" 2"\n', "line 2: the answer goes on behind its closing quote"),
        ('q1:\n   a: "1"\n  b: "2"\n  c: "3"\n', "line 2: this line begins with 3 blanks"),
        ('q1:\n  a: ""\n    [1, 2]\n', "line 3: this line names no entry"),
        ("q1:\n  a: [1, 2]\n    [3, 4]\n", "line 3: this line names no entry"),
        ('```yaml\nq1:\n  a: "1"\n```\n', "line 1: ``` has no place in a form"),
        ("q1:\n  a: 1\n b: 2\n", "line 3: this line begins with 1 blank,"),
        ('q1:\n  a: "1\n  b: 2\n', "line 2: a quote is opened here and never closed"),
        ("q1:\n  a: 1\n  b: '1\n", "line 3: a quote is opened here and never closed"),
        ("q1:\n  a: 1\n  b: \x0c2\n", "line 3: the character U+000C has no place"),
        ("q1: text\n", "q1: the parts"),
        ("sheet: {a: b}\n", "sheet: a text"),
        ("q1:\n  a:\n    b:\n      c: 1\n", "q1.a.b: one text"),
        ("? [a, b]\n: c\n", "line 1: a key must be a name"),
        ("sheet: a\n---\nsheet: b\n", "line 2: a form is one YAML document"),
        ("q1:\n  a: [{b: 1}]\n", "line 2: a list holds"),
        ("a: " + "[" * 10_000, "line 1: this is nested too deeply"),
        ("a:\n b: " + "!" * 10**6, "line 2: this is too long"),
        ("a:\n b: [" + "1,\n  " * 100_000 + "]", "this has more entries than any form"),
        (b"q1:\n  a: \xff\n", "line 2: this is not UTF-8"),
        (b"\xff\xfeq\x001", "line 1: this begins as UTF-16 and is damaged or cut off here: save"),
        ("q1:\n  a: x\0y\n", "line 2: this is not text: it has a NUL"),
        ('q1:\n  a: "\\ud800"\n', "surrogate"),
    ],
)
def test_a_yaml_file_that_is_no_form(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, content)
    assert message in str(caught.value)
    assert caught.value.source == str(tmp_path / "form.yaml")


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    levels = [f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match="anchors"):
        load(tmp_path, "\n".join(["b0: &b0 lol", *levels]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q1 = 1\nq1 = 2\n", "line 2"),
        ("q1 = \n", "line 1"),
        ("[q1]\na = 2022-07-08\n", "put the answer 'a' in quotes"),
        ("[q1]\na = [{b = 1}]\n", "put the answer 'a' in quotes"),
        ("a = " + "[" * 50_000, "TOML|nested"),
    ],
)
def test_a_toml_file_that_is_no_form(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, content, ".toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"q1": {"a": "1", "a": "2"}}', "'a' stands twice"),
        ('{"q1": {"a": NaN}}', "NaN is not JSON"),
        ('{"q1": ', "line 1: this is not JSON"),
        ('["q1"]', "not a list"),
        ('{"q1": {"a": [{"b": 1}]}}', "put the answer 'a' in quotes"),
        ('{"q1": {"a": "\\ud800"}}', "surrogate"),
        ('{"q1": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_json_file_that_is_no_form(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, content, ".json")


def test_numbers_in_json_and_toml_keep_their_digits(tmp_path: Path) -> None:
    json_answers = load(tmp_path, '{"q": {"a": 0.10, "b": [1e-3, true]}}', ".json").answers
    toml_answers = load(tmp_path, "[q]\na = 0.10\nb = [1e-3, true]\n", ".toml").answers
    assert json_answers == toml_answers == {"q": {"a": "0.10", "b": "[1e-3, true]"}}


def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    with pytest.raises(InputError, match="50 MB is too large for a form"):
        load_form(path)


def test_files_that_are_not_there_or_not_forms(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_form(tmp_path / "form.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(InputError, match="this is a folder, not a form"):
        load_form(tmp_path / "folder.yaml")
    with pytest.raises(InputError, match=r"ends in \.yaml"):
        load_form(tmp_path / "form.doc")


@pytest.mark.parametrize(
    ("suffix", "content"), [(".yaml", YAML), (".YML", YAML), (".toml", TOML), (".json", JSON)]
)
def test_bytes_are_read_as_a_file_is(tmp_path: Path, suffix: str, content: str) -> None:
    from_file = load(tmp_path, content, suffix)
    assert read_form(content.encode(), suffix, from_file.source) == from_file


@pytest.mark.parametrize(
    ("data", "suffix", "message"),
    [
        (b"a: 1", ".doc", r"^here: a form is a file that ends in \.yaml"),
        (b"a: 1\nb: \xff", ".yaml", "^here: line 2: this is not UTF-8"),
        (b" " * (3 * 2**20), ".json", "^here: 3 MB is too large for a form"),
    ],
)
def test_bytes_that_are_no_form(data: bytes, suffix: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_form(data, suffix, "here")


@pytest.mark.parametrize(
    "text",
    ["a." * 400_000 + "a = 1", "x = {" + '"a,".' * 50_000 + "a = 1}", "'a b' . " * 20 + "a = 1"],
)
@pytest.mark.timeout(60)
def test_a_toml_key_of_very_many_names(text: str) -> None:
    """Its parser's time grows with their square: this one would take half an hour."""
    with pytest.raises(InputError, match="nested too deeply"):
        read_form(("sheet = 'A'\n" + text + "\n").encode(), ".toml", "f.toml")


def test_decimals_in_toml_are_no_long_key() -> None:
    row = ", ".join(f"{n}.5" for n in range(40))
    for quote in ("'", '"""', "'''"):
        text = f"sheet = 'A'\n# e.g. 1.2.3\nq1.a = {quote}[{row}]{quote}\n"
        assert read_form(text.encode(), ".toml", "f.toml").answers["q1"]["a"] == f"[{row}]"
