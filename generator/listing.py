"""The catalogue as a list: for people, and as data for programs."""

from __future__ import annotations

import inspect
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
                "summary": (inspect.getdoc(kind) or "").partition("\n")[0],
                "source": kind.source,
                "options": kind.options(),
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


def listing(rows: list[dict[str, Any]]) -> str:
    """The rows as text, grouped by topic."""
    lines = []
    topics = sorted({row["topic"] for row in rows})
    for topic in topics:
        lines.append(topic)
        for row in (each for each in rows if each["topic"] == topic):
            lines += [f"  {row['name']}", f"      {row['summary']}"]
            options = ", ".join(f"{key} = {_toml(value)}" for key, value in row["options"].items())
            asked = [f"{p['name']} ({p['kind']})" for p in row["parts"] if p["kind"]]
            extra = [p["name"] for p in row["parts"] if not p["kind"]]
            lines += _wrapped("parts:   ", asked)
            if extra:
                lines += _wrapped("by option:", extra)
            if options:
                lines += _wrapped("options: ", options.split(", "))
    return "\n".join(lines)


def _toml(value: Any) -> str:
    return {True: "true", False: "false"}.get(
        value, f'"{value}"' if isinstance(value, str) else str(value)
    )


def _wrapped(heading: str, items: list[str], width: int = 96) -> list[str]:
    import textwrap

    indent = " " * 6 + heading + " "
    return textwrap.wrap(
        ", ".join(items), width, initial_indent=indent, subsequent_indent=" " * len(indent)
    )
