"""The LaTeX of a block as HTML: paragraphs, lists, tables, and formulas as MathML.

Everything is escaped, and there are neither scripts nor styles in it; classes are `formula` for
what stands apart, `row` for formulas side by side, `options` for a list with labels of its own,
`whole` for a formula and the punctuation that touches it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import lru_cache

from generator.rendering import mathml
from generator.rendering.latex_tree import (
    DISPLAYS,
    Environment,
    Formula,
    Group,
    Macro,
    Node,
    Sign,
    Text,
    read,
    rows_of,
)
from generator.rendering.plain import plain

_LISTS = frozenset({"enumerate", "itemize"})
_STYLES = {"emph": "em", "textit": "em", "textbf": "strong", "texttt": "code"}
_GAP = re.compile(r"\n\s*\n")
# Control characters, and marks that turn the direction of writing.
_STEERING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A browser may break a line between a formula and the comma behind it.
_TOUCHED = re.compile(r"([(\[]?)(<math\b[^>]*>(?:(?!</math>).)*</math>)([,.;:!?)\]]*)", re.DOTALL)
_PLACE = re.compile("\ue010(\\d+)\ue011")  # of a figure; no text has these characters


def figure_place(number: int) -> str:
    """LaTeX that stands for a figure, which `page` puts there."""
    return f"\n\n\ue010{number}\ue011\n\n"


def page(tex: str, figures: Sequence[str] = ()) -> str:
    """The HTML of a block. `figures` are the svg elements for its places.

    AuthoringError where the LaTeX does not even parse.
    """
    found = _converted(tex)
    if not figures:
        return found
    return _PLACE.sub(lambda place: f'<div class="figure">{figures[int(place[1])]}</div>', found)


@lru_cache(maxsize=4096)  # most prompts of a class are the same for many students
def _converted(tex: str) -> str:
    return _TOUCHED.sub(_whole, _blocks(read(_STEERING.sub("\ufffd", tex), formulas=False)))


def _whole(found: re.Match[str]) -> str:
    before, _, behind = found.groups()
    return f'<span class="whole">{found[0]}</span>' if before or behind else found[0]


def _blocks(nodes: list[Node]) -> str:
    """Nodes as paragraphs, and what stands between them."""
    found: list[str] = []
    running = ""

    def finish() -> None:
        nonlocal running
        if text := running.strip():
            found.append(text if _PLACE.fullmatch(text) else f"<p>{text}</p>")
        running = ""

    for node in nodes:
        if (block := _block(node)) is not None:
            finish()
            found.append(block)
        elif isinstance(node, Text):
            first, *rest = _GAP.split(node.chars)
            running += _escaped(first)
            for paragraph in rest:
                finish()
                running = _escaped(paragraph)
        elif isinstance(node, Macro) and node.name == "par":
            finish()
        else:
            running += _inline([node])
    finish()
    return "".join(found)


def _block(node: Node) -> str | None:
    """A node that stands by itself; None for one inside a paragraph."""
    if isinstance(node, Formula):
        return _display(node.source) if node.display else None
    if not isinstance(node, Environment):
        return None
    name = node.name.removesuffix("*")
    if name in DISPLAYS:
        return _display(node.source)
    if name in _LISTS:
        return _list(node)
    if name == "tabular":
        return _table(node.nodes)
    return _blocks(node.nodes)


def _display(source: str) -> str:
    try:
        rows = mathml.display(source)
    except ValueError:
        text = plain(rf"\[{source}\]")
        return f"<pre>{html.escape(text)}</pre>"
    lines = (f'<div class="row">{" ".join(row)}</div>' for row in rows)
    return f'<div class="formula">{"".join(lines)}</div>'


def _list(node: Environment) -> str:
    items: list[tuple[str, list[Node]]] = []
    for each in node.nodes:
        if isinstance(each, Macro) and each.name == "item":
            items.append((_inline(each.arguments[:1]) if each.arguments else "", []))
        elif items:
            items[-1][1].append(each)
    labelled = any(label for label, _ in items)
    tag = "ul" if node.name == "itemize" or labelled else "ol"
    shown = "".join(
        f"<li>{f'<strong>{label}</strong> ' if label else ''}{_item(content)}</li>"
        for label, content in items
    )
    kind = ' class="options"' if labelled else ""
    return f"<{tag}{kind}>{shown}</{tag}>"


def _item(content: list[Node]) -> str:
    """What stands in an item: a single paragraph without its tags."""
    inside = _blocks(content)
    one = inside.count("<p>") == 1 and inside.startswith("<p>") and inside.endswith("</p>")
    return inside[3:-4] if one else f"<div>{inside}</div>"


def _table(nodes: list[Node]) -> str:
    shown = [node for node in nodes if not (isinstance(node, Macro) and node.name == "hline")]
    cells = [[_inline(cell).strip() for cell in row] for row in rows_of(shown)]
    head, *body = [row for row in cells if any(row)]
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    rest = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{rest}</tbody></table>"


def _inline(nodes: Sequence[Node]) -> str:
    return "".join(map(_piece, nodes))


def _piece(node: Node) -> str:
    match node:
        case Text(chars):
            return _escaped(chars)
        case Sign(chars):
            return "\u00a0" if chars == "~" else html.escape(plain(chars))
        case Group(nodes):
            return _inline(nodes)
        case Formula(source=source):
            try:
                return mathml.inline(source)
            except ValueError:
                return f"<code>{html.escape(plain(f'${source}$'))}</code>"
        case Environment(nodes=nodes):
            return _inline(nodes)
        case Macro(name=name) if name in _STYLES:
            tag = _STYLES[name]
            return f"<{tag}>{_inline(node.arguments)}</{tag}>"
        case Macro(name="\\" | "newline"):
            return "<br>"
        case Macro(name="quad" | "qquad"):
            return "\u2003"
        case Macro(source=source, space=space):
            # What a blank behind a macro ends is the macro's name alone.
            return html.escape(plain(source)) + (" " if space and not source.strip("\\") else "")
    raise TypeError(node)


def _escaped(text: str) -> str:
    return html.escape(re.sub(r"\s+", " ", text))
