"""A pass over the tokens of one answer: what comes next, what must come, and how to refuse it."""

from __future__ import annotations

from generator.model.errors import NotationError
from generator.notation.arithmetic import CONSTANTS
from generator.notation.limits import NESTING
from generator.notation.tokens import Token, tokens


class Scanner:
    """The tokens of `text` from `place` on. Each refusal has a position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = _answer_starts(self.tokens)
        self.token = self.tokens[self.place]
        self.depth = 0

    def sees(self, *signs: str) -> bool:
        return self.token.text in signs and self.token.kind == "sign"

    def take(self) -> Token:
        taken = self.token
        if taken.kind != "end":
            self.place += 1
            self.token = self.tokens[self.place]
        return taken

    def expect(self, sign: str) -> Token:
        if not self.sees(sign):
            if self.token.kind == "end":
                raise self.refusal(f"there is a closing {sign} missing")
            if self.sees(","):
                raise self.refusal("a comma separates here: write a decimal point inside brackets")
            raise self.refusal(f"{self.token} can't follow here: is {sign} missing before it?")
        return self.take()

    def refusal(self, problem: str, at: int | None = None) -> NotationError:
        """The error to raise, at the coming token or at a given place."""
        return NotationError(problem, self.text, self.token.at if at is None else at)

    def finish(self) -> None:
        """The text ends here. Raises NotationError if it goes on."""
        if self.sees(",", ";"):
            raise self.refusal("one number is expected here, not several")
        if self.sees(")", "]", "}"):
            raise self.refusal(f"this {self.token} closes a bracket that was never opened")
        if self.sees("="):
            raise self.refusal("there is an = too many: write the answer alone")
        if self.token.kind != "end":
            raise self.refusal(
                f"{self.token} can't follow here: is there a sign missing before it?"
            )

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > NESTING:
            raise self.refusal(f"this is nested more than {NESTING} levels deep")


def _answer_starts(parts: list[Token]) -> int:
    """The place behind a left-hand side such as `dL/dv =`, or behind a lone `=`."""
    for place, token in enumerate(parts):
        if token.kind == "sign" and token.text == "=":
            left = parts[:place]
            names = all(t.kind != "sign" or t.text in ("/", "^", "'") for t in left)
            named = not left or (left[0].kind == "name" and left[0].text not in CONSTANTS)
            return place + 1 if names and named else 0
    return 0
