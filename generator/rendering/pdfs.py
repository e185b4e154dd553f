"""PDFs that are put together from pages of others, by pikepdf."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_INHERITED = ("/MediaBox", "/CropBox", "/Resources", "/Rotate")  # ISO 32000-1, 7.7.3.4


@dataclass(frozen=True)
class Pdf:
    """A whole PDF, and its number of pages."""

    data: bytes
    pages: int


def page_count(data: bytes) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as whole:
        return len(whole.pages)


def opened_to_split(data: bytes | Path) -> pikepdf.Pdf:
    """A PDF of TeX, to be saved in parts; `own_pages` are its pages.

    To save one, pikepdf looks at each page of the list that it makes when it opens a PDF or is
    asked for the pages. It is not asked, so that it lists no more than the pages of one part.
    """
    import pikepdf

    source = io.BytesIO(data) if isinstance(data, bytes) else data
    return pikepdf.open(source, inherit_page_attributes=False)


def own_pages(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The pages of a PDF, each of which now has itself what it inherited, as of XeTeX its size."""
    return list(_leaves(pdf, pdf.Root.Pages, {}))


def _leaves(
    pdf: pikepdf.Pdf, node: pikepdf.Object, above: dict[str, Any]
) -> Iterator[pikepdf.Object]:
    import pikepdf

    inherited = above | {
        key: pdf.make_indirect(node[key]) if isinstance(node[key], pikepdf.Object) else node[key]
        for key in _INHERITED
        if key in node
    }
    for kid in node.Kids:
        if "/Kids" in kid:
            yield from _leaves(pdf, kid, inherited)
        else:
            for key, value in inherited.items():
                if key not in kid:
                    kid[key] = value
            yield kid


def set_pages(pdf: pikepdf.Pdf, nodes: Sequence[Sequence[pikepdf.Object]]) -> int:
    """Let a PDF be these pages alone, of each node of their tree: their number.

    Its catalog is a new one. pikepdf's own list of its pages, which takes longer the more there
    are, does not know of it.
    """
    import pikepdf

    kids = [_node(pdf, pages, len(pages)) for pages in nodes]
    count = sum(map(len, nodes))
    pages = kids[0] if len(kids) == 1 else _node(pdf, kids, count)
    catalog = pikepdf.Dictionary(Type=pikepdf.Name.Catalog, Pages=pages)
    pdf.trailer.Root = pdf.make_indirect(catalog)
    return count


def _node(pdf: pikepdf.Pdf, kids: Sequence[pikepdf.Object], count: int) -> pikepdf.Object:
    import pikepdf

    entries = {"/Type": pikepdf.Name.Pages, "/Count": count, "/Kids": pikepdf.Array(kids)}
    node = pdf.make_indirect(pikepdf.Dictionary(entries))
    for kid in kids:
        kid.Parent = node
    return node


def saved(pdf: pikepdf.Pdf, info: dict[str, str], origin: str = "") -> bytes:
    """The bytes of a PDF, with title, author and the like alone: the same at every time.

    The identifier is of its `origin`, a text that tells what it was made from. Without one it is of
    all its bytes, which takes half as long again.
    """
    import pikepdf

    entries = {f"/{name}": text for name, text in info.items()}
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(entries))
    if origin:  # in the first half; the second, for programs that change the file, is qpdf's own
        first = hashlib.sha256(origin.encode("utf-8", errors="surrogatepass")).digest()[:16]
        pdf.trailer.ID = pikepdf.Array([pikepdf.String(first)] * 2)
    pikepdf.settings.set_flate_compression_level(1)  # what is not TeX's is small
    target = io.BytesIO()
    pdf.save(
        target,
        static_id=bool(origin),
        deterministic_id=not origin,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,  # TeX has compressed them
    )
    return target.getvalue()
