"""The names that may occur in a formula, as a question declares them."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any


class Declared(dict[str, Any]):
    """Declared names, over which many texts are read: what stands for them is made once."""

    @cached_property
    def key(self) -> str:
        """The same for the same names in any order."""
        return json.dumps(self, sort_keys=True)

    @cached_property
    def text(self) -> str:
        """The same for the same names in the same order."""
        return json.dumps(self)
