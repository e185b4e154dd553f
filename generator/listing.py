"""The catalogue as a list: for people, and as data for programs."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

from generator import catalog, sampling
from generator.certifying import certify
from generator.model import records
from generator.model.exercise import Exercise, Rejected

DRAWS = 200


def described() -> list[dict[str, Any]]:
    """One row an exercise: topic, name, title, source, levels, options, the least number of
    different instances, and parts with points and kinds.

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
                "instances": fewest_instances(kind),
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


def fewest_instances(kind: type[Exercise], draws: int = DRAWS) -> int:
    """How many different instances there are at least, at default options and 95 % confidence.

    Of n draws from N equally likely instances, c pairs are expected to agree, with n (n - 1) / 2 =
    c N (the birthday problem); if none agrees, N is above n (n - 1) / 6, or there would have been
    one in 95 cases of 100. Instances that are not equally likely make N larger still.
    """
    seen: dict[str, int] = {}
    for number in range(draws):
        exercise = _sampled(kind, sampling.Rng(sampling.seed(b"distinct", kind.__name__, number)))
        drawn = records.dumps([getattr(exercise, field) for field in kind.drawn_fields()])
        seen[drawn] = seen.get(drawn, 0) + 1
    pairs = sum(each * (each - 1) // 2 for each in seen.values())
    return max(len(seen), draws * (draws - 1) // (2 * max(pairs, 3)))


def _sampled(kind: type[Exercise], rng: sampling.Rng) -> Exercise:
    while True:
        try:
            return kind.sample(rng)
        except Rejected:
            continue


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
            lines += _wrapped("source     ", row["source"], width)
            lines += _wrapped("parts      ", ", ".join(asked), width)
            lines += _wrapped("by option  ", ", ".join(extra), width)
            lines += _wrapped("options    ", ", ".join(options), width)
            for level, settings in row["levels"].items():
                sets = [f"{key} = {_toml(value)}" for key, value in settings.items()]
                heading = f"level = {level}  "
                lines += _wrapped(heading, ", ".join(sets) or "these options", width)
            lines += _wrapped("instances  ", f"over {_rounded(row['instances'])}", width)
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _wrapped(heading: str, text: str, width: int) -> list[str]:
    """The text under a heading; no lines where there is no text."""
    indent = " " * 6 + heading
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=" " * len(indent))


def _rounded(count: int) -> str:
    """A count rounded down to its first digit: it is an estimate."""
    unit = 10 ** (len(str(count)) - 1)
    return f"{count // unit * unit:,}"
