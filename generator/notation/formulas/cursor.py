"""A pass over the tokens of one formula: what comes next, which names a word is made of, and how
to refuse."""

from __future__ import annotations

import itertools
import re

from generator.model.errors import NotationError
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.lexing import Token, tokens
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.spellings import (
    CONSTANTS,
    is_function,
    product_meant,
    vocabulary,
)
from generator.notation.limits import NESTING

OPENING = {"(": ")", "[": "]", "{": "}", "begin": "end", "cases": "end"}
_MODULES = frozenset({"np", "numpy", "math", "torch", "jnp", "F", "sp", "scipy"})
_SUBMODULES = frozenset({".linalg", ".special", ".nn", ".functional"})
_NOT_NUMBERS = frozenset({"nan", "inf", "infinity", "none", "null", "undefined", "true", "false"})
_NOT_PRODUCTS = _NOT_NUMBERS | {"and", "or", "not", "else", "lambda"}  # of their letters
_ARRAYS = frozenset({"array", "asarray", "tensor", "matrix", "Matrix", "vector"})
_SCALARS = frozenset({"float64", "float32", "float16", "int64", "int32"})  # as numpy 2 prints
_KEYWORDS = frozenset({"dtype", "grad_fn", "requires_grad"})  # of arrays, as they are printed
_LAYOUTS = frozenset({".reshape", ".view", ".flatten", ".ravel", ".squeeze", ".unsqueeze"})
_SUMS = {"Σ": "∑", "Π": "∏"}  # Greek letters, as many keyboards have them
_COMMAND = re.compile(r"\\[A-Za-z]")
_STARTS = frozenset({"number", "word", "name", "function", "constant"})
_STARTING_SIGNS = frozenset(
    {*OPENING, "|<", "‖<", "√", "∛", "∜", "∑", "∏", "𝟙", "frac", "binom", "⌊", "⌈", "∞"}
)


class Cursor:
    """The tokens of `text` from `place` on. Each refusal has a position."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.vocabulary = vocabulary(scope)
        self.tokens, self.places = tokens(text, self.vocabulary.exponential)
        if "\\ " in text and scope.sizes and not _COMMAND.search(text):
            problem = "a left division A \\ B is not read: write inv(A) B"
            raise NotationError(problem, text, text.index("\\ "))
        self.place = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.bound: frozenset[str] = frozenset()  # the indices of the sums around this place
        self.bars = 0  # |...| that are open here, since the last bracket
        self.inside = False  # in a bracket, where a comma separates
        self.blanks = False  # a blank separates entries: [1 2; 3 4]
        self.lines = False  # a new line separates rows

    def sees(self, *signs: str) -> bool:
        return self.token.text in signs and self.token.kind == "sign"

    def adjacent(self, sign: str) -> bool:
        """Whether a sign comes with no blank before it."""
        return self.sees(sign) and not self.token.blank

    def ahead(self, steps: int = 1) -> Token:
        place = self.place + steps
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def take(self) -> Token:
        taken = self.token
        if taken.kind != "end":
            self.place += 1
            self.token = self.tokens[self.place]
        return taken

    def expect(self, sign: str, opened: Token | None = None) -> Token:
        if self.sees(sign):
            return self.take()
        if self.token.kind == "end":
            at = None if opened is None else opened.at
            raise self.refusal(f"there is a closing {_plain(sign)} missing", at)
        if self.sees(")", "]", "}", "|>", "‖>"):
            raise self.refusal(f"{self.token} closes a bracket that {_plain(sign)} must close")
        raise self.refusal(self.unexpected())

    def unexpected(self) -> str:
        """Why the coming token can't stand where a formula could end."""
        token = self.token
        if token.text in _LAYOUTS:
            return f"write the array as it is meant, as in [1 2; 3 4], without {token}"
        if token.kind == "attribute":
            return "only .T, .sum(...), .mean(...), .dot(...) and the like can follow with a point"
        match token.text:
            case "=":
                return "there is an = too many: write the answer alone"
            case ")" | "]" | "}" | "⌋" | "⌉" | "|>" | "‖>":
                return f"this {token} closes a bracket that was never opened"
            case ",":
                return "one formula is expected here: write several entries in [ ]"
            case ";":
                return "; separates rows only inside [ ]"
            case "<" | ">" | "<=" | ">=" | "!=":
                return "comparisons can't be chained: write one in each bracket"
        return f"{token} can't follow here"

    def refusal(self, problem: str, at: int | None = None) -> NotationError:
        """The error to raise, at the coming token or at a given place."""
        return NotationError(problem, self.text, self.token.at if at is None else at)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > NESTING:
            raise self.refusal(f"this is nested more than {NESTING} levels deep")

    def starts(self) -> bool:
        """Whether a factor can start here."""
        token = self.token
        if token.kind != "sign":
            return token.kind in _STARTS
        return token.text in _STARTING_SIGNS or (token.text in ("|", "‖") and not self.bars)

    def starts_entry(self) -> bool:
        """Whether a blank ends the entry: [1 -2; 3 4] has two in a row, [1 - 2; 3] has one."""
        if not (self.blanks and self.token.blank):
            return False
        if self.sees("+", "-"):
            return not self.ahead().blank
        return self.starts()

    # Words

    def resolve(self) -> None:
        """Cut the coming word into names, functions and constants. Refuses what is unknown."""
        token = self.token
        following = self.ahead()
        if token.text in _MODULES and following.kind == "attribute":
            return self._without_module()
        if following.text == "^" and following.kind == "sign" and self._superscripted():
            return None
        run = token.text
        if run[0] in _SUMS and self._summed(run, following):
            return None
        if following.text == "'" and f"{run}'" in self.vocabulary.names:
            run += "'"
            del self.tokens[self.place + 1]
            following = self.ahead()
        applied = following.kind in _STARTS or (
            following.kind == "sign"
            and (following.text in _STARTING_SIGNS or following.text in "^'_|‖-+")
        )
        pieces = self.vocabulary.pieces(run, self.bound, applied)
        if pieces is None or (len(pieces) > 1 and run.lower() in _NOT_PRODUCTS):
            raise self._unknown(run, following)
        bracket = len(pieces) > 1 and following.text == "(" and not following.blank
        if bracket and (product := product_meant(run, pieces)):
            raise self.refusal(f"there is no function {run} here: for a product write {product}")
        self.token = Token(pieces[0].kind, pieces[0].text, token.at, token.blank, token.line)
        self.tokens[self.place] = self.token
        if len(pieces) > 1:
            self.tokens[self.place + 1 : self.place + 1] = [
                Token(piece.kind, piece.text, self._inside_word(token.at, piece.start))
                for piece in pieces[1:]
            ]
        return None

    def _summed(self, run: str, following: Token) -> bool:
        """Take Σ_{t=1}^T and Σ_t in Greek letters for a sum, where no name is so written."""
        index = run[2:] if run[1:2] == "_" else ""
        if self.vocabulary.pieces(run, self.bound, False) is not None:
            return False
        if not index and not (len(run) == 1 and following.text == "_"):
            return False
        first = self.token
        found = [Token("sign", _SUMS[run[0]], first.at, first.blank, first.line)]
        if index:
            found += [Token("sign", "_", first.at), Token("word", index, first.at)]
        self.tokens[self.place : self.place + 1] = found
        self.token = found[0]
        return True

    def _unknown(self, run: str, following: Token) -> NotationError:
        called = following.text == "(" and not following.blank
        if run in FUNCTIONS:
            return self.refusal(f"{run} is a function: write {run}(...)")
        if run.lower() in _NOT_PRODUCTS:
            return self.refusal(f"{run} is not read: write a number or a formula")
        if self._is_prose():
            return self.refusal(f"there is no {run} here: write the formula alone, no words")
        return self.refusal(self.vocabulary.unknown(run, called))

    def _is_prose(self) -> bool:
        """Whether two words or more are no names: see attached, the gradient is W h."""
        words = set()
        for token, following in itertools.pairwise(self.tokens[self.place :]):
            word, called = token.text, following.text == "(" and not following.blank
            if token.kind == "word" and len(word) > 1 and word.isalpha() and not called:
                words.add(word.lower())
        return sum(self.vocabulary.pieces(word, self.bound, False) is None for word in words) > 1

    def _inside_word(self, at: int, start: int) -> int:
        """The place in the text of a character of a word."""
        if not start:
            return at
        return min(at + start, max(len(self.text) - 1, 0)) if self.places is None else at

    def _without_module(self) -> None:
        """np.exp is exp. Refuses other uses of a module."""
        module = self.token
        place = self.place + 1
        while self.tokens[place].text in _SUBMODULES:
            place += 1
        name = self.tokens[place]
        if name.kind != "attribute":
            raise self.refusal(f"there is no {module} here")
        word = name.text[1:]
        if word in _SCALARS and self.tokens[place + 1].text == "(":
            del self.tokens[self.place : place + 1]
            self.token = self.tokens[self.place]
            return
        if not (is_function(word) or word in CONSTANTS or word in _ARRAYS):
            raise self.refusal(self.vocabulary.unknown(word, True))
        if word in ("max", "min") and self.lists_several(place + 1):
            problem = f"{module}.{word} takes an axis: write {module}.{word}imum(...) of several"
            raise self.refusal(problem)
        self.tokens[self.place : place + 1] = [
            Token("word", word, module.at, module.blank, module.line)
        ]
        self.token = self.tokens[self.place]

    def lists_several(self, place: int) -> bool:
        """Whether the bracket that opens at a place holds more than one argument."""
        depth = 0
        for token in self.tokens[place:]:
            if token.kind == "sign":
                depth += (token.text in OPENING) - (token.text in OPENING.values())
            if depth < 1 or (depth == 1 and token.text == ","):
                return depth == 1
        return False

    def drop_keywords(self) -> None:
        """Of array([1, 2], dtype=float32) take what says nothing about the entries away."""
        stop = self.closing(self.place)
        for place in range(self.place, stop or self.place):
            sign, word, equals = (token.text for token in self.tokens[place : place + 3])
            if sign == "," and word in _KEYWORDS and equals in ("=", "<="):  # grad_fn=<...>
                del self.tokens[place:stop]
                return

    def closing(self, place: int) -> int | None:
        """The place of the bracket that closes the one at a place, if there is one."""
        depth = 0
        for stop in range(place, len(self.tokens)):
            token = self.tokens[stop]
            if token.kind == "sign":
                depth += (token.text in OPENING) - (token.text in OPENING.values())
            if depth == 0:
                return stop
        return None

    def _superscripted(self) -> bool:
        """Take W^{(1)}, W^{[1]}, W^(1) and W^[1] for a name with an index where there is one."""
        parts = self.tokens[self.place : self.place + 7]
        signs = [part.text for part in parts]
        braced = len(signs) > 6 and signs[2] in ("{", "(") and signs[3] in ("(", "[")
        start = 3 if braced else 2
        if len(signs) <= start + 2 or signs[start] not in ("(", "["):
            return False
        sequence = self.vocabulary.names.get(signs[0])
        if sequence in self.vocabulary.sequences:
            return self._sequence_index(sequence, braced, start)
        if signs[start + 2] != OPENING[signs[start]]:
            return False
        name = self.vocabulary.names.get(f"{signs[0]}_{signs[start + 1]}")
        if name is None or (not braced and signs[2] == "(" and signs[0] in self.vocabulary.names):
            return False
        stop = start + 3
        first = self.token
        found = [Token("name", name, first.at, first.blank)]
        if braced and signs[stop] == OPENING[signs[2]]:
            stop += 1
        elif braced:  # W^{(1)T}: what is left of the exponent
            found += parts[1:3]
        self.tokens[self.place : self.place + stop] = found
        self.token = self.tokens[self.place]
        return True

    def _sequence_index(self, name: str, braced: bool, start: int) -> bool:
        """Take h^{(t)} for h_t of a sequence, as it is written in courses."""
        first = self.place + start
        stop = self.closing(first)
        if stop is None or self.tokens[first + 1].text == "𝟙":  # a power: there is no h_𝟙
            return False
        word = self.token
        opening, closing = (Token("sign", sign, self.tokens[first].at) for sign in "{}")
        index = [Token("sign", "_", word.at), opening, *self.tokens[first + 1 : stop], closing]
        found = [Token("name", name, word.at, word.blank, word.line), *index]
        if braced and self.tokens[stop + 1].text == OPENING[self.tokens[self.place + 2].text]:
            stop += 1
        elif braced:  # h^{(t)T}: what is left of the exponent
            found += self.tokens[self.place + 1 : self.place + 3]
        self.tokens[self.place : stop + 1] = found
        self.token = self.tokens[self.place]
        return True


def is_array_word(token: Token) -> bool:
    """Whether this may be np.array(...), torch.tensor(...) and the like."""
    return token.kind == "word" and token.text in _ARRAYS


def _plain(sign: str) -> str:
    return {"|>": "|", "‖>": "‖", "end": "\\end{...}"}.get(sign, sign)
