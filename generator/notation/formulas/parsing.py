"""Formulas: plain text or LaTeX to one tree.

atom = number | name [ "_" indices ] | function | "(" comparison ")" | "[" rows "]" | "|" sum "|"
     | "1" "[" comparison "]" | √ atom | \\frac atom atom | ...       (operations, calls: the rest)
"""

from __future__ import annotations

from fractions import Fraction

from generator.notation.formulas.calls import Calls
from generator.notation.formulas.cursor import OPENING, is_array_word
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Item,
    Name,
    Num,
    Product,
    Rows,
    Tree,
)
from generator.notation.limits import DIGITS, EXPONENT, HEIGHT
from generator.notation.tokens import vulgar

_CLOSING_BARS = {"|": ("|", "|>"), "|<": ("|>",), "‖": ("‖", "‖>"), "‖<": ("‖>",)}
_OPERATORS = frozenset("+ - * / @ ∘ ^ < > <= >= = != , ( [ { |< ‖<".split())


def read(text: str, scope: Scope) -> Tree:
    """The tree of a formula over the names of `scope`; shapes are not looked at yet.

    Raises NotationError, with a position, for everything that is not in the language.

    >>> read("2x", Scope.of({"x": "real"})) == read("2 \\\\cdot x", Scope.of({"x": "real"}))
    False
    >>> read("x_1/2", Scope.of({"x1": None})) == read("\\\\frac{x_{1}}{2}", Scope.of({"x1": None}))
    True
    """
    return Parser(text, scope).formula()


class Parser(Calls):
    """Reads one formula."""

    def formula(self) -> Tree:
        self.skip_left_side()
        if self.token.kind == "end":
            raise self.refusal("there is no formula" if not self.place else "a formula is missing")
        tree = self.comparison(equality=False)
        if self.token.kind != "end":
            raise self.refusal(self.unexpected())
        self.check_height(tree)
        return tree

    def check_height(self, tree: Tree) -> None:
        """Refuse what is too deep for others to walk through, such as x+x+x+... a thousand times."""
        if 2 * len(self.text) < HEIGHT:
            return
        level, height = [tree], 0
        while level:
            height += 1
            if height > HEIGHT:
                raise self.refusal(f"this has more than {HEIGHT} operations in a row", level[0].at)
            level = [child for node in level for child in node.children()]

    def skip_left_side(self) -> None:
        """Drop what is defined: `dJ/dW =`, `f(x) =`, `\\frac{\\partial J}{\\partial W} =`."""
        depth = 0
        for place, token in enumerate(self.tokens):
            if token.kind != "sign":
                continue
            if token.text in OPENING:
                depth += 1
            elif token.text in OPENING.values():
                depth -= 1
            elif token.text == "=" and depth == 0:
                if _is_left_side(self.tokens[:place]):
                    self.place = place + 1
                    self.token = self.tokens[self.place]
                return

    def atom(self) -> Tree:
        token = self.token
        match token.kind:
            case "word":
                if is_array_word(token) and self.ahead().text == "(":
                    return self.array_call()
                self.resolve()
                if self.token.kind == "word":  # np.array, without its module
                    return self.atom()
                return self.atom()
            case "name":
                return self.name()
            case "function":
                return self.function()
            case "constant":
                self.take()
                return Const("pi" if token.text == "pi" else "e", at=token.at)
            case "number":
                return self.number()
            case "sign":
                return self.sign()
            case "attribute":
                raise self.refusal(self.unexpected())
        raise self.refusal("something is missing at the end")

    def sign(self) -> Tree:
        token = self.token
        match token.text:
            case "(" | "{":
                return self.bracket()
            case "[":
                return self.square()
            case "begin":
                return self.matrix()
            case "|" | "|<" | "‖" | "‖<":
                return self.magnitude()
            case "√" | "∛" | "∜":
                return self.root()
            case "frac" | "binom":
                return self.fraction()
            case "∑":
                self.take()
                if self.sees("("):
                    return self.apply("sum", self.arguments("sum"), token)
                return self.series(token)
            case "𝟙":
                self.take()
                return self.indicator(Name("𝟙", at=token.at), "ones")
            case "⌊" | "⌈":
                self.take()
                inside = self.within(self.sum)
                self.expect("⌋" if token.text == "⌊" else "⌉", token)
                return Call("floor" if token.text == "⌊" else "ceil", (inside,), at=token.at)
            case "∞":
                raise self.refusal("infinity is not a number to compute with")
        raise self.refusal(f"something is missing before {token}")

    # Numbers

    def number(self) -> Tree:
        token = self.take()
        if token.text == "1" and (self.sees("[", "{", "_") or self.adjacent("(")):
            return self.indicator(Num(Fraction(1), at=token.at))
        return Num(self.value(token), at=token.at)

    def adjacent(self, sign: str) -> bool:
        return self.sees(sign) and not self.token.blank

    def value(self, token: Token) -> Fraction:
        """The value of a number; a comma is a decimal comma where it separates nothing."""
        word = token.text
        if len(word) < 10 and word.isdecimal():
            digits, exponent = word, ""
        elif (mixed := vulgar(word)) is not None:
            self._check_digits(mixed[0], token)
            return int(mixed[0]) + Fraction(int(mixed[1]), int(mixed[2]))
        else:
            digits, _, exponent = word.lower().partition("e")
            self._check_digits(digits, token)
            if len(exponent) > 5 or abs(int(exponent or 0)) > EXPONENT:
                raise self.refusal(f"an exponent of ten is at most {EXPONENT} here", token.at)
        if self.decimal_comma():
            self.take()
            after = self.take()
            if self.decimal_comma() or (len(after.text) == 3 and digits.strip("0")):
                raise self.refusal(
                    "is this comma a decimal comma? "
                    "Write 1000 for a thousand, and a decimal point as in 1.000",
                    token.at,
                )
            if "." in digits or not after.text.isdecimal():
                raise self.refusal("a number has one decimal point or comma", token.at)
            self._check_digits(after.text, after)
            return Fraction(f"{digits}.{after.text}")
        if "." not in digits and not exponent:
            return Fraction(int(digits))
        return Fraction(f"{digits}e{exponent or 0}")

    def decimal_comma(self) -> bool:
        if self.inside or not self.adjacent(","):
            return False
        after = self.ahead()
        return after.kind == "number" and not after.blank and after.text[0].isdecimal()

    def _check_digits(self, digits: str, token: Token) -> None:
        if len(digits) > DIGITS:
            raise self.refusal(f"a number has at most {DIGITS:,} digits here", token.at)

    # Names

    def name(self) -> Tree:
        token = self.take()
        if token.text == "I" and "I" not in self.scope.names and "I" not in self.bound:
            return self.indicator(Name("I", at=token.at), "eye")
        if self.sees("_"):
            return self.item(token)
        known = self.scope.names.get(token.text)
        if known is not None and self.adjacent("["):
            if known.length is not None or known.shape:
                opening = self.take()
                indices = self.within(self._indices)
                self.expect("]", opening)
                return Item(token.text, indices, at=token.at)
        return Name(token.text, at=token.at)

    def item(self, token: Token) -> Tree:
        """h_t, x_{t-1}, W_{i,j}: of a sequence, or with the index of a sum."""
        sign = self.take()
        sequence = token.text in self.vocabulary.sequences
        if self.sees("{"):
            opening = self.take()
            indices = self.within(self._indices)
            self.expect("}", opening)
        else:
            indices = (self.within(self.atom),)
        if not sequence and not any(_mentions(index, self.bound) for index in indices):
            raise self.refusal(f"{token} has no entries that are named by an index here", sign.at)
        return Item(token.text, indices, at=token.at)

    def _indices(self) -> tuple[Tree, ...]:
        indices = [self.sum()]
        while self.sees(","):
            self.take()
            indices.append(self.sum())
        return tuple(indices)

    def indicator(self, one: Tree, sized: str = "") -> Tree:
        """The indicator of a comparison behind 1, 𝟙 or I; or else that itself, times a bracket.

        With a subscript, `one` is of that size: I_n is eye(n).
        """
        if self.sees("_"):
            sign = self.take()
            index = self.within(self.comparison_in_braces)
            if isinstance(index, Compare):
                return index
            if not sized or not isinstance(index, Name | Num):
                raise self.refusal("an indicator is of a comparison, as in 1[z > 0]", sign.at)
            return Call(sized, (index,), at=one.at)
        if not self.sees("(", "[", "{") or self.starts_entry():
            return one
        at = self.token.at
        inside = self.atom()
        if isinstance(inside, Compare):
            return inside
        if sized == "eye" and isinstance(inside, Name) and inside.name in self.scope.sizes:
            return Call("eye", (inside,), at=one.at)
        return Product(one, self.behind(inside), at=at)

    def comparison_in_braces(self) -> Tree:
        return self.bracket() if self.sees("(", "{") else self.atom()

    # Brackets

    def bracket(self) -> Tree:
        """What round brackets or braces hold; several entries are a column."""
        opening = self.take()
        closing = OPENING[opening.text]
        entries = self.within(lambda: self._entries(closing))
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
        if self.sees("_"):
            self.norm_index(self.take())
        return Call("norm", (inside,), at=opening.at)

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
                if before.kind == "sign" and (before.text in _OPERATORS or before.at < 0):
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
        opening = self.take()
        inside = self.within(self.comparison)
        self.expect(")", opening)
        return inside

    def square(self) -> Tree:
        """[a, b], [[a, b], [c, d]], [a b; c d]; brackets around one entry only group it."""
        opening = self.take()
        blanks = self.separated_by_blanks()
        rows = self.within(lambda: self._rows(";", (",",), "]", blanks))
        self.expect("]", opening)
        return self.stacked(rows, opening)

    def separated_by_blanks(self) -> bool:
        """Whether blanks separate the entries of the bracket that was just opened."""
        depth, blanks = 0, False
        for place in range(self.place, len(self.tokens)):
            token = self.tokens[place]
            if token.kind != "sign":
                after = self.tokens[min(place + 1, len(self.tokens) - 1)]
                if not depth and token.kind == after.kind == "number" and after.blank:
                    blanks = True
            elif token.text in OPENING:
                depth += 1
            elif token.text in OPENING.values():
                depth -= 1
                if depth < 0:
                    return blanks
            elif not depth and token.text == ",":
                return False
            elif not depth and token.text == ";":
                blanks = True
        return blanks

    def matrix(self) -> Tree:
        """\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}"""
        opening = self.take()
        rows = self.within(lambda: self._rows("\\\\", ("&", ","), "end", False))
        self.expect("end", opening)
        return self.stacked(rows, opening)

    def _rows(self, row: str, between: tuple[str, ...], closing: str, blanks: bool) -> list[list[Tree]]:
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
            if self.sees(closing):  # [1, 2,]
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
        for place, row in enumerate(rows, 1):
            if len(row) != len(rows[0]):
                raise self.refusal(
                    f"row {place} has {_count(row)}, but row 1 has {len(rows[0])}", row[0].at
                )
            for entry in row:
                if isinstance(entry, Rows):
                    raise self.refusal("an array is made of rows of numbers or formulas", entry.at)
        return Rows(tuple(tuple(row) for row in rows), at=opening.at)


def _is_left_side(left: list[Token]) -> bool:
    """Whether these tokens name what is defined: nothing, a name, f(x), or a derivative."""
    if not left:
        return True
    words = [token.text for token in left if token.kind == "word"]
    first = left[0]
    slope = first.text in ("∂", "∇", "frac") or (first.kind == "word" and first.text[0] == "d")
    signs = {"'", "_", "(", ")", "{", "}", ",", "∂", "∇"} | ({"/", "frac", "^"} if slope else {"^"})
    if not words or first.text in ("pi", "e", "("):
        return False
    depth = 0
    for token in left:
        if token.kind == "number" and depth == 0 and not slope:
            return False
        if token.kind == "sign":
            if token.text not in signs:
                return False
            depth += (token.text in ("(", "{")) - (token.text in (")", "}"))
        elif token.kind not in ("word", "number"):
            return False
    return True


def _mentions(tree: Tree, names: frozenset[str]) -> bool:
    if isinstance(tree, Name):
        return tree.name in names
    return any(_mentions(child, names) for child in tree.children())


def _count(row: list[Tree]) -> str:
    return "1 entry" if len(row) == 1 else f"{len(row)} entries"
