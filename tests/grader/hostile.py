"""Text that would act inside a page if it were let, and what a page must be made of."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import strategies as st

PIECES = (
    "<script>alert(1)</script>",
    "</style><script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "<svg/onload=alert(1)>",
    "</math><b>",
    "<!--",
    "-->",
    "]]>",
    "{{ 7*7 }}",
    "{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "<meta http-equiv=refresh content=0>",
    "\u202e",
    "\u2066",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u2028",
    "é",
    "שלום",
    " ",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=6).map("".join)

# All that our templates, plots and formulas are made of.
_TAG_NAMES = """
html head meta title style body header main footer section article div span p h1 h2 h3 h4
ul li a details summary dl dt dd table caption thead tbody tr th td figure figcaption strong small
code pre bdi br em ol
svg g defs path use rect text tspan pattern clippath line
math mrow mi mn mo mfrac msqrt mroot msub msup msubsup munderover munder mover mtable mtr mtd
mtext mspace
"""
_ATTRIBUTE_NAMES = """
lang charset http-equiv content name class id role aria-label aria-hidden colspan
scope tabindex open
xmlns viewbox d fill stroke stroke-width stroke-linejoin stroke-linecap stroke-dasharray
stroke-dashoffset clip-path href x y width height transform font-size text-anchor
patternunits opacity fill-opacity stroke-opacity font-family font-style font-weight dy
accent accentunder stretchy form mathvariant linethickness display displaystyle scriptlevel
minsize maxsize lspace rspace largeop movablelimits symmetric
"""
SCRIPT = (Path(__file__).parents[2] / "templates/reports/tables.js").read_text(encoding="utf-8")
_TAGS = frozenset(_TAG_NAMES.split()) | {"script"}  # one of ours, by its digest
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_VOID = {"meta", "br"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.trouble: list[str] = []
        self.style = ""
        self.script = ""
        self.policy = ""
        self.text: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.trouble.append(f"<{tag}>")
        for name, value in attrs:
            if name not in _ATTRIBUTES:
                self.trouble.append(f"<{tag} {name}={value}>")
            if name == "href" and not re.fullmatch(r"#[\w.-]+", value or ""):
                self.trouble.append(f"<{tag} {name}={value}>")
            if name == "id":
                self.ids.append(value or "")
            if name == "content" and "src" in (value or ""):
                self.policy = value or ""
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.trouble.append(f"</{tag}> out of place")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif self.open and self.open[-1] == "script":
            self.script += data
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.trouble.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.trouble.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.trouble.append(f"<![{data}")


def check_page(page: str) -> str:
    """The text of a page, once it is known to be whole, of our own elements and attributes only,
    without anything from elsewhere and without characters that steer."""
    page.encode("utf-8")
    parser = _Page()
    parser.feed(page)
    parser.close()
    assert not parser.trouble, parser.trouble[:5]
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    allowed = f"style-src {_digest(parser.style)};"
    if parser.script:
        assert parser.script == SCRIPT
        allowed += f" script-src {_digest(SCRIPT)};"
    policy = f"default-src 'none'; {allowed} base-uri 'none'; form-action 'none'"
    assert parser.policy == policy
    assert "@import" not in parser.style
    assert "url(" not in parser.style
    odd = {c for c in page if unicodedata.category(c)[0] == "C"}
    assert odd <= {"\n", *"\u200c\u200d", *"\u2061\u2062\u2063"}  # joiners, and what MathML has
    return " ".join(" ".join(parser.text).split())


def shown_text(piece: str) -> str:
    """The text of a piece of a page."""
    parser = _Page()
    parser.feed(piece)
    parser.close()
    return " ".join(" ".join(parser.text).split())


def _digest(inside: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


def shown(texts: Iterable[str]) -> list[str]:
    """What of the texts can be looked for on a page: their runs of plain characters."""
    return [run for text in texts for run in re.findall(r"[A-Za-z0-9(){}%*=.]{4,}", text)]
