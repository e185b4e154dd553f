"""PDFs that are put together from pages of others, by pikepdf."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any


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


def own_pages(pdf: Any) -> list[Any]:
    """The pages of a PDF, each of which now has itself what it inherited, as of XeTeX its size."""
    pages = []
    for page in pdf.pages:
        page.obj.MediaBox, page.obj.Resources = page.mediabox, page.resources
        pages.append(page.obj)
    return pages


def set_pages(pdf: Any, nodes: list[list[Any]]) -> int:
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


def _node(pdf: Any, kids: list[Any], count: int) -> Any:
    import pikepdf

    entries = {"/Type": pikepdf.Name.Pages, "/Count": count, "/Kids": pikepdf.Array(kids)}
    node = pdf.make_indirect(pikepdf.Dictionary(entries))
    for kid in kids:
        kid.Parent = node
    return node


def saved(pdf: Any, info: dict[str, str]) -> bytes:
    """The bytes of a PDF, with title, author and the like alone: the same at every time."""
    import pikepdf

    entries = {f"/{name}": text for name, text in info.items()}
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(entries))
    target = io.BytesIO()
    pdf.save(
        target,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,  # TeX has compressed them
    )
    return target.getvalue()
