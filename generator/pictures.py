"""Pictures that an assignment brings along, such as a logo: read, and proven to be whole."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from generator.model.errors import InputError

MOST_BYTES = 2_000_000
MOST_PIXELS = 16_000_000
_EXPECTED = "a PNG, JPEG or PDF is expected"
_SUFFIXES = {"PNG": "png", "JPEG": "jpg", "PDF": "pdf"}


@dataclass(frozen=True)
class Picture:
    """`kind` is PNG, JPEG or PDF, by its content; a PDF has one page."""

    kind: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The suffix by which TeX knows the kind."""
        return _SUFFIXES[self.kind]


def read_picture(path: Path) -> Picture:
    """The picture in a file, whatever the file's suffix.

    InputError for a file that is not there, too large, of another kind, broken or cut off.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            most = f"at most {MOST_BYTES / 1e6:g} MB are expected, for every sheet has a copy"
            raise InputError(path, f"{size / 1e6:.1f} MB; {most}")
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(path, f"there is no such file; {_EXPECTED}") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}; {_EXPECTED}") from None
    if content.startswith(b"%PDF-"):
        return Picture("PDF", _first_page(path, content))
    return Picture(_bitmap(path, content), content)


def _bitmap(path: Path, content: bytes) -> str:
    """The kind of a bitmap, all of which can be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is too large is told below
            with Image.open(io.BytesIO(content)) as image:
                kind = str(image.format)
                if kind not in _SUFFIXES:
                    raise InputError(path, f"this is a picture of the kind {kind}; {_EXPECTED}")
                width, height = image.size
                if width * height > MOST_PIXELS:
                    found = f"{width} x {height} pixels"
                    most = f"at most {MOST_PIXELS / 1e6:g} million are expected"
                    raise InputError(path, f"{found}; {most}")
                image.verify()  # checksums, after which a picture is to be opened anew
            with Image.open(io.BytesIO(content)) as image:
                image.load()
    except UnidentifiedImageError:
        begins = content.startswith((b"\x89PNG", b"\xff\xd8\xff"))
        found = "this picture is broken or cut off" if begins else "this is no picture"
        raise InputError(path, f"{found}; {_EXPECTED}") from None
    except Image.DecompressionBombError:
        raise InputError(path, "it has too many pixels to be a logo") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # SyntaxError: Pillow's for PNG
        raise InputError(
            path, f"this picture is broken or cut off ({error}); {_EXPECTED}"
        ) from None
    return kind


def _first_page(path: Path, content: bytes) -> bytes:
    """A PDF with the first page of another: the same bytes for the same."""
    import pikepdf

    try:
        with (
            pikepdf.open(io.BytesIO(content), attempt_recovery=False) as whole,
            pikepdf.new() as page,
        ):
            page.pages.append(whole.pages[0])
            left, low, right, high = (float(each) for each in page.pages[0].mediabox)
            if not (abs(right - left) >= 1 and abs(high - low) >= 1):
                raise ValueError("its page has no size")
            target = io.BytesIO()
            page.save(
                target,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                force_version="1.5",  # pdfTeX warns of later ones
            )
    except pikepdf.PasswordError:
        raise InputError(path, "this PDF asks for a password; one without is expected") from None
    except (pikepdf.PdfError, IndexError, ValueError, TypeError):
        raise InputError(path, f"this PDF is broken or cut off; {_EXPECTED}") from None
    return target.getvalue()
