"""A pass over the tokens of one answer: what comes next, what must come, and how to refuse it."""

from __future__ import annotations

from typing import NoReturn

from generator.model.errors import NotationError
from generator.notation.arithmetic import CONSTANTS
from generator.notation.limits import NESTING
from generator.notation.tokens import Token, tokens


class Scanner:
    """The tokens of `text` from `place` on. Every refusal is a NotationError with a position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = _answer_starts(self.tokens)
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def sees(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def take(self) -> Token:
        token = self.token
        self.place += token.kind != "end"
        return token

    def expect(self, sign: str) -> Token:
        if not self.sees(sign):
            if self.token.kind == "end":
                self.refuse(f"there is a closing {sign} missing")
            self.refuse(f"{self.token} can't follow here: is {sign} missing before it?")
        return self.take()

    def refuse(self, problem: str, at: int | None = None) -> NoReturn:
        raise NotationError(problem, self.text, self.token.at if at is None else at)

    def finish(self) -> None:
        """The text ends here. Raises NotationError if it goes on."""
        if self.sees(",", ";"):
            self.refuse("one number is expected here, not several")
        if self.sees(")", "]", "}"):
            self.refuse(f"this {self.token} closes a bracket that was never opened")
        if self.sees("="):
            self.refuse("there is an = too many: write the answer alone")
        if self.token.kind != "end":
            self.refuse(f"{self.token} can't follow here: is there a sign missing before it?")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > NESTING:
            self.refuse(f"this is nested more than {NESTING} levels deep")

    def nested(self, read: Callable[[], Value]) -> Value:
        self.deeper()
        value = read()
        self.depth -= 1
        return value


def _answer_starts(parts: list[Token]) -> int:
    """The place behind a left-hand side such as `dL/dv =`, or behind a lone `=`."""
    for place, token in enumerate(parts):
        if token.kind == "sign" and token.text == "=":
            left = parts[:place]
            names = all(t.kind != "sign" or t.text in ("/", "^", "'") for t in left)
            named = not left or (left[0].kind == "name" and left[0].text not in CONSTANTS)
            return place + 1 if names and named else 0
    return 0
