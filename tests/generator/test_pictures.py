"""Logos: what is taken for one, and how it comes to stand on every sheet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from generator import building, pictures
from generator.assignment import Assignment, Entry, Student, read_assignment
from generator.model.errors import InputError
from generator.pictures import Picture, read_picture
from generator.rendering.typesetting import find_engine

ENTRY = '[[exercise]]\nname = "deep_linear_collapse"\n'


def drawn(kind: str, size: tuple[int, int] = (90, 30), mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(target, kind)
    return target.getvalue()


def pdf(pages: int = 1, **saving: object) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as whole:
        for _ in range(pages):
            whole.add_blank_page(page_size=(90, 30))
        whole.save(target, **saving)  # type: ignore[arg-type]
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (drawn("PNG"), "PNG"),
        (drawn("PNG", mode="RGBA"), "PNG"),
        (drawn("JPEG"), "JPEG"),
        (drawn("JPEG", mode="CMYK"), "JPEG"),
        (pdf(), "PDF"),
        (pdf(3), "PDF"),
    ],
)
def test_a_picture_is_known_by_its_content(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "logo.dat"
    path.write_bytes(content)
    picture = read_picture(path)
    assert picture.kind == kind
    assert picture == read_picture(path)
    if kind == "PDF":
        with pikepdf.open(io.BytesIO(picture.content)) as document:
            assert len(document.pages) == 1
    else:
        assert picture.content == content


def bad() -> Iterator[tuple[bytes, str]]:
    png, jpeg = drawn("PNG", (300, 300)), drawn("JPEG", (300, 300))
    yield b"", "this is no picture"
    yield b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is no picture"
    yield drawn("GIF"), "of the kind GIF"
    yield drawn("BMP"), "of the kind BMP"
    yield png[: len(png) // 2], "broken or cut off"
    yield jpeg[: len(jpeg) // 2], "broken or cut off"
    yield png[:40], "broken or cut off"
    yield png[:60] + b"xxxx" + png[64:], "broken or cut off"
    yield pdf()[:-200], "broken or cut off"
    yield b"%PDF-1.5\n", "broken or cut off"
    yield pdf(0), "broken or cut off"
    locked = pikepdf.Encryption(user="a", owner="b")
    yield pdf(encryption=locked), "asks for a password"
    yield bytes(pictures.MOST_BYTES + 1), "2.0 MB; at most 2 MB are expected"
    yield drawn("PNG", (4001, 4000), "1"), "4001 x 4000 pixels; at most 16 million"


@pytest.mark.parametrize(("content", "said"), list(bad()))
def test_anything_else_is_refused_by_key_and_file(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    toml = tmp_path / "hw.toml"
    toml.write_text(f'title = "T"\nlogo = "logo.png"\n{ENTRY}', "utf-8")
    with pytest.raises(InputError) as raised:
        read_assignment(toml)
    assert str(raised.value).startswith(f"{toml}: logo: 'logo.png': ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'none.png'", "'none.png': there is no such file; a PNG, JPEG or PDF is expected"),
        ("''", "cannot be read: Is a directory"),
        ("3", "logo: a text is expected"),
    ],
)
def test_a_logo_that_is_not_there(tmp_path: Path, value: str, said: str) -> None:
    toml = tmp_path / "hw.toml"
    toml.write_text(f'title = "T"\nlogo = {value}\n{ENTRY}', "utf-8")
    with pytest.raises(InputError, match=said):
        read_assignment(toml)


CLASS = [Student(f"s{n}", f"Student {n}") for n in range(3)]


def build(folder: Path, logo: Picture | None) -> list[bytes]:
    assignment = Assignment(
        "hw", "Homework", (Entry("deep_linear_collapse", {}),), practice=True, logo=logo
    )
    built = building.build(assignment, CLASS, b"", folder, engine=find_engine())
    assert [each.error for each in built] == [""] * len(CLASS)
    return [path.read_bytes() for path in sorted((folder / "hw").glob("s*/*.pdf"))]


def images(content: bytes) -> list[tuple[int, int]]:
    """The sizes of the pictures on each page."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return [
            (int(image["/Width"]), int(image["/Height"]))
            for page in document.pages
            for image in page.get_images().values()
        ]


def test_every_sheet_and_solution_has_the_logo_once(tmp_path: Path) -> None:
    pdfs = build(tmp_path, Picture("PNG", drawn("PNG")))
    assert len(pdfs) == 2 * len(CLASS)
    assert [images(content) for content in pdfs] == [[(90, 30)]] * len(pdfs)
    # another picture makes other PDFs, and none makes those without
    other = build(tmp_path, Picture("JPEG", drawn("JPEG", (60, 30))))
    assert [images(content) for content in other] == [[(60, 30)]] * len(pdfs)
    other = build(tmp_path, Picture("JPEG", drawn("JPEG", (61, 30))))
    assert [images(content) for content in other] == [[(61, 30)]] * len(pdfs)
    assert [images(content) for content in build(tmp_path, None)] == [[]] * len(pdfs)


def test_a_logo_may_be_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "logo"
    path.write_bytes(pdf(2))
    content = build(tmp_path, read_picture(path))[0]
    with pikepdf.open(io.BytesIO(content)) as document:
        forms = document.pages[0].resources.XObject
        assert [str(form.Subtype) for form in forms.values()] == ["/Form"]
