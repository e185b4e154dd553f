"""How large a submission may be, in bytes: far above any honest one."""

from __future__ import annotations

FORM = 2**20
PDF = 10 * 2**20
METADATA = 200 * 2**20  # of all submissions of an export, with what their tests printed
