"""The answer language: text to plain values and back.

Every reader takes a student's text and raises NotationError, with a position, for what it can't
read; the work is bounded by `limits`. `write` is their inverse for every plain value.
"""

from generator.notation.arrays import read_array
from generator.notation.graphs import read_edges
from generator.notation.numbers import read_number
from generator.notation.sets import read_interval, read_set
from generator.notation.sizes import read_shape
from generator.notation.words import read_labels, read_order
from generator.notation.writing import write

__all__ = [
    "read_array",
    "read_edges",
    "read_interval",
    "read_labels",
    "read_number",
    "read_order",
    "read_set",
    "read_shape",
    "write",
]
