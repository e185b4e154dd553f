"""The ledger of grading: see `ledger.Ledger`."""

from grader.ledger.entries import Outcome, Override, overridden, unpacked
from grader.ledger.ledger import Ledger
from grader.ledger.opening import open_ledger
from grader.ledger.rows import Graded

__all__ = ["Graded", "Ledger", "Outcome", "Override", "open_ledger", "overridden", "unpacked"]
