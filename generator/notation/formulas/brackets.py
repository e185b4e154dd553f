"""Brackets: groups, columns and arrays in every spelling, and bars.

(a + b)   [a, b]   [[a, b], [c, d]]   [a b; c d]   \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}
np.array([a, b])   |x|   ||x||   ||x| + y|
"""

from __future__ import annotations

from functools import cached_property

from generator.notation.formulas.calls import Calls
from generator.notation.formulas.cursor import OPENING
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.operations import RELATIONS, is_mask
from generator.notation.formulas.tree import Call, Compare, Quotient, Rows, Tree

_CLOSING_BARS = {"|": ("|", "|>"), "|<": ("|>",), "‖": ("‖", "‖>"), "‖<": ("‖>",)}
_SEPARATING = frozenset({",", ";", "&", "\\\\"})
_OPERATORS = frozenset({*"+-*/@·∘^<>=,([{", "<=", ">=", "!=", "|<", "‖<"})


_CONDITIONS = frozenset({"if", "for", "when", "where"})
_OTHERWISE = frozenset({"otherwise", "else"})
_OPPOSITES = {">": "<=", "<=": ">", "<": ">=", ">=": "<", "=": "!=", "!=": "="}


class Brackets(Calls):
    """Reads what brackets and bars hold."""

    def bracket(self) -> Tree:
        """What round brackets or braces hold; several entries are a column."""
        opening = self.take()
        closing = OPENING[opening.text]
        entries = self.within(self._entries, closing)
        if closing == "}" and len(entries) == 1 and self.sees("choose", "over"):
            sign = self.take()  # TeX's {n \\choose k}
            below = self.within(self.comparison)
            if sign.text == "over":
                entries = [Quotient(entries[0], below, at=sign.at)]
            else:
                entries = [Call("binomial", (entries[0], below), at=sign.at)]
        self.expect(closing, opening)
        if len(entries) == 1:
            return entries[0]
        if closing == "}":
            raise self.refusal("a set is not read here", opening.at)
        return self.stacked([entries], opening)

    def _entries(self, closing: str) -> list[Tree]:
        if self.sees(closing):
            raise self.refusal("there is nothing between the brackets")
        entries = [self.comparison()]
        while self.sees(","):
            self.take()
            if self.sees(closing):
                break
            entries.append(self.comparison())
        return entries

    def magnitude(self) -> Tree:
        """|x| or ||x||; where || starts two |, as in ||x| + y|, it is not a norm."""
        opening = self.take()
        doubled = opening.text == "|" and self.adjacent("|") and self.closes_double()
        if doubled:
            self.take()
        before = self.bars, self.inside, self.blanks
        self.bars, self.blanks = 1, False
        inside = self.nested(self.sum)
        self.bars, self.inside, self.blanks = before
        closing = _CLOSING_BARS[opening.text]
        for _ in range(1 + doubled):
            self.expect(self.token.text if self.sees(*closing) else closing[-1], opening)
        if not doubled and opening.text[0] == "|":
            return Call("abs", (inside,), at=opening.at)
        index = self.norm_index(self.take()) if self.sees("_") else []
        return Call("norm", (inside, *index), at=opening.at)

    def closes_double(self) -> bool:
        """Whether the first | that closes one after this || is a || too."""
        opened = depth = 0
        for place in range(self.place + 1, len(self.tokens) - 1):
            token = self.tokens[place]
            if token.kind != "sign":
                continue
            if token.text in OPENING:
                depth += 1
            elif token.text in OPENING.values():
                depth -= 1
                if depth < 0:
                    return False
            elif token.text == "|" and depth == 0:
                before = self.tokens[place - 1]
                if before.kind == "sign" and before.text in _OPERATORS:
                    opened += 1
                elif opened:
                    opened -= 1
                else:
                    after = self.tokens[place + 1]
                    return after.kind == "sign" and after.text == "|" and not after.blank
        return False

    # Arrays

    def array_call(self) -> Tree:
        """np.array([1, 2]) is what its brackets hold."""
        self.take()
        self.drop_keywords()
        opening = self.take()
        inside = self.within(self.comparison)
        self.expect(")", opening)
        return inside

    def square(self) -> Tree:
        """[a, b], [[a, b], [c, d]], [a b; c d]; brackets around one entry only group it."""
        opening = self.take()
        blanks = opening.at in self.separated_by_blanks
        rows = self.within(self._rows, ";", (",",), "]", blanks)
        self.expect("]", opening)
        return self.stacked(rows, opening)

    @cached_property
    def separated_by_blanks(self) -> set[int]:
        """The places of the [ whose entries are separated by blanks: [1 2], [a b; c d]."""
        result: set[int] = set()
        commas: set[int] = set()
        opened: list[Token] = []
        for place in range(self.place - 1, len(self.tokens) - 1):
            token, after = self.tokens[place], self.tokens[place + 1]
            if token.kind == "sign" and token.text in OPENING:
                opened.append(token)
            elif not opened:
                continue
            elif token.kind != "sign":
                if token.kind == after.kind == "number" and after.blank:
                    result.add(opened[-1].at)
            elif token.text in OPENING.values():
                opened.pop()
            elif token.text in (",", ";"):
                (commas if token.text == "," else result).add(opened[-1].at)
        return result - commas

    @cached_property
    def comparing(self) -> set[int]:
        """The places of the brackets that hold one comparison, perhaps in brackets of its own."""
        result: set[int] = set()
        opened: list[list[int]] = []  # where each starts, and how many relations and commas it has
        before = (0, 0)  # where the bracket that was closed last starts and ends
        for place, token in enumerate(self.tokens):
            if token.kind != "sign":
                continue
            if token.text in OPENING:
                opened.append([place, 0, 0])
            elif not opened:
                continue
            elif token.text in OPENING.values():
                start, relations, commas = opened.pop()
                within = before == (start + 1, place - 1) and self.tokens[start + 1].at in result
                if within or (relations and not commas):
                    result.add(self.tokens[start].at)
                before = (start, place)
            elif token.text in RELATIONS:
                opened[-1][1] += 1
            elif token.text in _SEPARATING:
                opened[-1][2] += 1
        return result

    def matrix(self) -> Tree:
        """\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}"""
        opening = self.take()
        rows = self.within(self._rows, "\\\\", ("&", ","), "end", False)
        self.expect("end", opening)
        return self.stacked(rows, opening)

    # Cases

    def cases(self) -> Tree:
        """\\begin{cases} x & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}, as where(...)."""
        opening = self.take()
        cases = self.within(self._cases)
        self.expect("end", opening)
        (result, last), *others = reversed(cases)
        if last is not None and not (len(others) == 1 and _complete(others[0][1], last)):
            problem = "do these cases hold everywhere? Write otherwise for the last one"
            raise self.refusal(problem, last.at)
        for value, condition in others:
            if condition is None:
                raise self.refusal("otherwise stands for the last case only", value.at)
            result = Call("where", (condition, value, result), at=opening.at)
        return result

    def _cases(self) -> list[tuple[Tree, Tree | None]]:
        found: list[tuple[Tree, Tree | None]] = []
        while not self.sees("end"):
            value = self.sum()
            if self.sees(","):
                self.take()
            if self.sees("&"):
                self.take()
            if self.token.text in _CONDITIONS:
                self.take()
            condition = None
            if self.token.text in _OTHERWISE:
                self.take()
            else:
                condition = self.comparison()
                if not is_mask(condition):
                    raise self.refusal("a case has a value, & and a comparison", condition.at)
            found.append((value, condition))
            if not self.sees("\\\\"):
                break
            self.take()
        if not found:
            raise self.refusal("there are no cases here")
        return found

    def _rows(
        self, row: str, between: tuple[str, ...], closing: str, blanks: bool
    ) -> list[list[Tree]]:
        if self.sees(closing):
            raise self.refusal("there is nothing between the brackets")
        self.blanks = blanks
        rows: list[list[Tree]] = [[]]
        while True:
            rows[-1].append(self.comparison())
            if self.sees(*between):
                self.take()
            elif self.sees(row):
                self.take()
                if self.sees(closing):  # a row sign behind the last row
                    return rows
                rows.append([])
            elif not self.starts_entry():
                return rows
            if self.sees(closing) and closing != "end":  # [1, 2,]
                return rows

    def stacked(self, rows: list[list[Tree]], opening: Token) -> Tree:
        """The array of rows; one row is a column of its entries, or the matrix of their rows."""
        if len(rows) == 1:
            entries = rows[0]
            inner = [entry for entry in entries if isinstance(entry, Rows) and entry.vector]
            if len(inner) == len(entries) and (len(inner) > 1 or opening.text == "["):
                rows = [list(entry.rows[0]) for entry in inner]
            elif len(entries) == 1:
                return entries[0]
            elif any(isinstance(entry, Rows) for entry in entries):
                raise self.refusal("an array is made of rows of numbers or formulas", opening.at)
            else:
                matrix = opening.text == "begin"
                return Rows((tuple(entries),), vector=not matrix, at=opening.at)
        return self.of_rows(rows, opening)

    def of_rows(self, rows: list[list[Tree]], opening: Token) -> Rows:
        """The matrix of rows of numbers. Refuses rows of different lengths."""
        for place, row in enumerate(rows, 1):
            if len(row) != len(rows[0]):
                raise self.refusal(
                    f"row {place} has {_count(row)}, but row 1 has {len(rows[0])}", row[0].at
                )
            for entry in row:
                if isinstance(entry, Rows):
                    raise self.refusal("an array is made of rows of numbers or formulas", entry.at)
        return Rows(tuple(tuple(row) for row in rows), at=opening.at)


def _complete(first: Tree | None, last: Tree) -> bool:
    """Whether one of two comparisons always holds, and never both."""
    if not isinstance(first, Compare) or not isinstance(last, Compare):
        return False
    same = (first.left, first.right) == (last.left, last.right)
    return same and _OPPOSITES.get(first.relation) == last.relation


def _count(row: list[Tree]) -> str:
    return "1 entry" if len(row) == 1 else f"{len(row)} entries"
