"""How the figures look."""

from __future__ import annotations

from rich.table import Table


def table(title: str, first: str, *others: str) -> Table:
    """An empty table; columns of figures stand to the right, "<name" ones to the left."""
    empty = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    empty.add_column(first, no_wrap=True)
    for other in others:
        to_the_left = other.startswith("<")
        empty.add_column(
            other.lstrip("<"), justify="left" if to_the_left else "right", no_wrap=True
        )
    return empty


def ms(value: float) -> str:
    """Milliseconds to three digits or so."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
