"""Filling in the fields of a PDF with programs that are not ours, as students' viewers do."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable, Mapping

import pikepdf
import pypdf
import pypdfium2
import pypdfium2.raw as pdfium

Fill = Callable[[bytes, Mapping[str, str]], bytes]


def by_pikepdf(pdf: bytes, texts: Mapping[str, str]) -> bytes:
    """qpdf: values alone, no looks."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for field in document.Root.AcroForm.Fields:
            if str(field.T) in texts:
                field.V = pikepdf.String(texts[str(field.T)])
        return saved(document)


def by_pypdf(pdf: bytes, texts: Mapping[str, str]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(texts), auto_regenerate=False)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def by_pdfium(pdf: bytes, texts: Mapping[str, str]) -> bytes:
    """Chrome's PDFium, typed into as its users do: focus, select, replace, leave."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    form = document.formenv
    for page in document:
        for place in range(pdfium.FPDFPage_GetAnnotCount(page)):
            annotation = pdfium.FPDFPage_GetAnnot(page, place)
            name = _name(form, annotation)
            if name in texts:
                assert pdfium.FORM_SetFocusedAnnot(form, annotation)
                pdfium.FORM_SelectAllText(form, page)
                typed = ctypes.create_string_buffer(f"{texts[name]}\0".encode("utf-16-le"))
                wide = ctypes.cast(typed, ctypes.POINTER(pdfium.FPDF_WCHAR))
                pdfium.FORM_ReplaceSelection(form, page, wide)
                pdfium.FORM_ForceToKillFocus(form)
            pdfium.FPDFPage_CloseAnnot(annotation)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _name(form: object, annotation: object) -> str:
    size = pdfium.FPDFAnnot_GetFormFieldName(form, annotation, None, 0)
    buffer = ctypes.create_string_buffer(size)
    wide = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    pdfium.FPDFAnnot_GetFormFieldName(form, annotation, wide, size)
    return buffer.raw[: size - 2].decode("utf-16-le")


def saved(document: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


PROGRAMS: dict[str, Fill] = {"pikepdf": by_pikepdf, "pypdf": by_pypdf, "pdfium": by_pdfium}
