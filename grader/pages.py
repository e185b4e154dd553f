"""HTML pages for people: one file each, without anything from elsewhere.

Whatever is printed in a template is escaped, and loses the characters that could steer how the text
around it is shown. A content security policy forbids everything but the page's own style, and its
own script where it has one: without that, everything is there just the same.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import model

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = "reports"
_JOINERS = "\u200c\u200d"  # which some scripts need inside words
_UNSHOWN = "\ufffd"


def render(template: str, context: Mapping[str, Any], script: str = "") -> str:
    """A page of `templates/reports`, with its style inside, and one of its scripts."""
    from markupsafe import Markup

    style, code = _file("page.css"), _file(script) if script else ""
    allowed = f"style-src {_digest(style)};" + (f" script-src {_digest(code)};" if code else "")
    policy = f"default-src 'none'; {allowed} base-uri 'none'; form-action 'none'"
    page = _environment().get_template(template)
    shown = page.render(context, style=Markup(style), script=Markup(code), policy=policy)
    return shown.strip() + "\n"


def _digest(inside: str) -> str:
    """What a policy calls a style or script by."""
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def clean(text: str) -> str:
    """Text on its way into a page: control characters, bidirectional overrides, and what is no
    character, each become a sign that shows that something was there. Line ends stay."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\n" or character in _JOINERS:
        return character
    kind = unicodedata.category(character)
    if character == "\t" or kind in ("Zl", "Zp"):
        return " "
    return _UNSHOWN if kind[0] == "C" else character


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_templates()),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_printed(),
    )


def _printed() -> Callable[[Any], Any]:
    from jinja2 import Undefined
    from markupsafe import Markup

    def printed(value: Any) -> Any:
        """What a template prints, before it is escaped."""
        return value if isinstance(value, Markup | Undefined) else clean(str(value))

    return printed


@cache
def _file(name: str) -> str:
    return (_templates() / name).read_text(encoding="utf-8")


def _templates() -> Path:
    """In the wheel the templates lie inside the package `generator`, in a checkout beside it."""
    package = Path(model.__file__).resolve().parents[1]
    installed = package / "templates"
    return (installed if installed.is_dir() else package.parent / "templates") / _FOLDER
