"""The names of the text fields in a fillable PDF, one for each entry of a form.

Programs that fill or save a PDF treat unusual names in different ways, so a name has lower-case
letters and digits only: no underscore, and no dot, which ISO 32000-1 (12.7.3.2) keeps for parents
and children. Both halves compute the names from what a form says of its entries (`expects`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

SHEET, EXPECTS = "sheet", "expects"
RESERVED = (SHEET, "student", "seal", EXPECTS)  # of a form, in fields that are not seen
# What a PDF was made as, its keyword.
FILLABLE, WORKSHEET, SOLUTIONS = "fillable", "worksheet", "solutions"


def entry_keys(expected: Mapping[str, Any], depth: int = 3) -> list[str]:
    """The keys of a form's entries, such as `q1.build_net.w0`, in the form's order, from its tree
    of expectations.

    ValueError where the tree is deeper than a form's.

    >>> entry_keys({"q1": {"sum": "number", "sizes": {"dW": "shape", "dw": "shape"}}})
    ['q1.sum', 'q1.sizes.dW', 'q1.sizes.dw']
    """
    keys = []
    for name, each in expected.items():
        if not isinstance(each, Mapping):
            keys.append(name)
        elif depth > 1:
            keys += [f"{name}.{key}" for key in entry_keys(each, depth - 1)]
        else:
            raise ValueError(f"{name[:60]}: a text is expected, not a mapping")
    return keys


def field_names(keys: Iterable[str]) -> dict[str, str]:
    """Field name -> key. The same keys in the same order give the same names, all different.

    >>> field_names(["q1.sum", "q1.sizes.dW", "q1.sizes.dw"])
    {'q1sum': 'q1.sum', 'q1sizesdw': 'q1.sizes.dW', 'q1sizesdw2': 'q1.sizes.dw'}
    """
    names: dict[str, str] = {}
    for key in keys:
        plain = re.sub(r"[^a-z0-9]", "", key.lower())
        name, count = plain, 1
        while name in names or name in RESERVED or not name:
            count += 1
            name = f"{plain}{count}"
        names[name] = key
    return names
