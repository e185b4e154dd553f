"""The catalogue as a list: for people, and as data for programs."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from generator import catalog, sampling
from generator.certifying import certify


def described() -> list[dict[str, Any]]:
    """One row an exercise: topic, name, title, source, options and parts with points and kinds.

    Kinds are those of one certified draw at default options; a part that this draw does not have
    is listed with the kind None.
    """
    rows = []
    for name in catalog.names():
        kind = catalog.find(name)
        truths = certify(kind, sampling.Rng(sampling.seed(b"list", name)), {}).truths
        rows.append(
            {
                "topic": catalog.topic(name),
                "name": name,
                "title": kind.title,
                "summary": " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split()),
                "source": kind.source,
                "options": kind.options(),
                "levels": kind.by_level(),
                "parts": [
                    {
                        "name": part.name,
                        "points": str(part.points),
                        "kind": truths[part.name].kind if part.name in truths else None,
                        "mistakes": list(part.mistakes),
                    }
                    for part in kind.parts.values()
                ],
            }
        )
    return rows


def listing(rows: list[dict[str, Any]], width: int = 96) -> str:
    """The rows as text of at most `width` columns, grouped by topic."""
    lines = []
    for topic in sorted({row["topic"] for row in rows}):
        lines.append(topic)
        for row in (each for each in rows if each["topic"] == topic):
            asked = [f"{part['name']} ({part['kind']})" for part in row["parts"] if part["kind"]]
            extra = [part["name"] for part in row["parts"] if not part["kind"]]
            options = [f"{key} = {_toml(value)}" for key, value in row["options"].items()]
            lines.append(f"  {row['name']}")
            lines += _wrapped("", row["summary"], width)
            lines += _wrapped("parts      ", ", ".join(asked), width)
            lines += _wrapped("by option  ", ", ".join(extra), width)
            lines += _wrapped("options    ", ", ".join(options), width)
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _wrapped(heading: str, text: str, width: int) -> list[str]:
    """The text under a heading; no lines where there is no text."""
    indent = " " * 6 + heading
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=" " * len(indent))
