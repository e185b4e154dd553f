"""Letters for the quantities of a network, so that no two sheets look alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.sampling import Rng

Pools = Mapping[tuple[str, ...], Sequence[tuple[str, ...]]]


def draw_letters(rng: Rng, pools: Pools) -> dict[str, str]:
    """A letter for each role. `pools` maps roles that are named together to the sets of letters
    they may have; letters that differ only in case or by a digit are not used in two sets.

    >>> draw_letters(Rng(b""), {("x",): [("x",)], ("b", "c"): [("X", "y"), ("b1", "b2")]})
    {'x': 'x', 'b': 'b1', 'c': 'b2'}
    """
    letters: dict[str, str] = {}
    for roles, pool in pools.items():
        taken = {_bare(letter) for letter in letters.values()}
        free = [names for names in pool if not taken & {_bare(name) for name in names}]
        letters.update(zip(roles, rng.choice(free), strict=True))
    return letters


def _bare(letter: str) -> str:
    return letter.rstrip("0123456789").casefold()
