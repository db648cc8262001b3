"""The JSON of an event pattern, token by token, with the place that AWS names when it refuses one. Pure.

EventBridge reads patterns with the parser of its open matcher, so that a reason ends in the line and the column where
reading stopped. Names that occur twice are both told, and what follows the pattern is never read.

Source: https://github.com/aws/event-ruler (JsonRuleCompiler), https://github.com/FasterXML/jackson-core
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder

MOST_TOLD = 500  # characters of the pattern in a reason
EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SPACE = re.compile(r"[ \t\r\n]+")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"\w+")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")


class InvalidPattern(ValueError):
    """EventBridge refuses the pattern; the text is its reason, without the words that every refusal begins with."""


@dataclass(frozen=True)
class Token:
    """One piece: a bracket, ``name``, ``string``, ``number``, ``true``, ``false``, ``null``, or ``end`` of the text."""

    kind: str
    text: str  # of a string only after ``Tokens.text``
    at: int  # where reading stands with this token, as an index of the pattern


class Tokens:
    """Reads a pattern from its start; a string is read when its text is asked for, or passed over."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._open: list[tuple[str, int]] = []  # brackets, and where they are
        self._filled = False  # whether the innermost bracket holds something by now
        self._string = False  # whether reading stands behind the opening quote of a string
        self._ahead: Token | None = None  # the value of a name is begun together with the name

    def copy(self) -> Tokens:
        """Another reader at the same place, to look ahead with."""
        other = copy.copy(self)
        other._open = list(self._open)
        return other

    def next(self) -> Token:
        """The next token.

        Raises:
            InvalidPattern: the text is not JSON from here on.
        """
        if self._ahead:
            token, self._ahead = self._ahead, None
            return token
        if self._string:
            self._read_string("string")
        self._skip_space()
        if not self._open:
            return self._value() if self._position < len(self._source) else Token("end", "", self._position)
        bracket = self._peek_in_brackets()
        if bracket in ("}", "]"):
            return self._close(bracket)
        self._pass_comma()
        self._filled = True
        return self._name() if self._open[-1][0] == "{" else self._value()

    def text(self, token: Token) -> str:
        """The text of the token that was read last; reading moves on to the end of a string."""
        return self._read_string("string") if token.kind == "string" and self._string else token.text

    def refused(self, reason: str, at: int | None = None) -> InvalidPattern:
        """The refusal at a place: where reading stands, unless told."""
        return InvalidPattern(f"{reason}\n at {self._place(self._position if at is None else at)}")

    def refused_twice(self, reason: str) -> InvalidPattern:
        """The refusal of something in a list of ``anything-but``, which names its place twice."""
        return self.refused(str(self.refused(reason)))

    @staticmethod
    def refused_nowhere(reason: str) -> InvalidPattern:
        """The refusal of a value that is read by itself, which names no place."""
        return InvalidPattern(reason)

    def _place(self, index: int) -> str:
        told = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04X}", self._source[:MOST_TOLD])
        rest = len(self._source) - MOST_TOLD
        more = f"[truncated {rest} chars]" if rest > 0 else ""
        line = self._source.count("\n", 0, index) + 1
        column = index - (self._source.rfind("\n", 0, index) + 1) + 1
        return f'[Source: (String)"{told}"{more}; line: {line}, column: {column}]'

    def _skip_space(self) -> None:
        if space := _SPACE.match(self._source, self._position):
            self._position = space.end()

    def _peek_in_brackets(self) -> str:
        if self._position < len(self._source):
            return self._source[self._position]
        kind, begin = self._open[-1]
        what = "Object" if kind == "{" else "Array"
        marker = f"expected close marker for {what} (start marker at {self._place(begin)})"
        raise self.refused(f"Unexpected end-of-input: {marker}")

    def _close(self, bracket: str) -> Token:
        kind, begin = self._open.pop()
        if {"{": "}", "[": "]"}[kind] != bracket:
            what, right = ("Object", "}") if kind == "{" else ("Array", "]")
            started = f"(for {what} starting at {self._place(begin)})"
            raise self.refused(f"Unexpected close marker '{bracket}': expected '{right}' {started}")
        self._position += 1
        self._filled = True
        return Token(bracket, bracket, self._position)

    def _pass_comma(self) -> None:
        if not self._filled:
            return
        kind = "Object" if self._open[-1][0] == "{" else "Array"
        self._pass(",", f"was expecting comma to separate {kind} entries")

    def _pass(self, wanted: str, expected: str) -> None:
        if self._character(expected) != wanted:
            raise self._unexpected(expected)
        self._position += 1
        self._skip_space()

    def _character(self, expected: str) -> str:
        if self._position == len(self._source):
            raise self.refused("Unexpected end-of-input within/between Object entries")
        return self._source[self._position]

    def _unexpected(self, expected: str) -> InvalidPattern:
        character = self._source[self._position]
        return self.refused(f"Unexpected character ('{character}' (code {ord(character)})): {expected}")

    def _name(self) -> Token:
        expected = "was expecting double-quote to start field name"
        if self._character(expected) != '"':
            raise self._unexpected(expected)
        self._position += 1
        name = self._read_string("field name")
        self._skip_space()
        self._pass(":", "was expecting a colon to separate field name and value")
        self._ahead = self._value()
        return Token("name", name, self._ahead.at)

    def _value(self) -> Token:
        character = self._character("")
        if character == '"':
            self._position += 1
            self._string = True
            return Token("string", "", self._position)
        if character in "{[":
            self._open.append((character, self._position))
            self._filled = False
            self._position += 1
            return Token(character, character, self._position)
        if number := _NUMBER.match(self._source, self._position):
            return self._number(number)
        return self._word()

    def _number(self, number: re.Match[str]) -> Token:
        self._position = number.end()
        if number[0] in ("0", "-0") and self._source[self._position : self._position + 1].isdigit():
            raise self.refused("Invalid numeric value: Leading zeroes not allowed")
        return Token("number", number[0], self._position)

    def _word(self) -> Token:
        word = _WORD.match(self._source, self._position)
        if word is None:
            raise self._unexpected(f"expected a valid value {EXPECTED}")
        self._position = word.end()
        if word[0] not in ("true", "false", "null"):
            raise self.refused(f"Unrecognized token '{word[0]}': was expecting {EXPECTED}")
        return Token(word[0], word[0], self._position)

    def _read_string(self, what: str) -> str:
        self._string = False
        try:
            text, self._position = JSONDecoder().raw_decode(self._source, self._position - 1)
        except JSONDecodeError as error:
            raise self._broken_string(what, error) from None
        return str(text)

    def _broken_string(self, what: str, error: JSONDecodeError) -> InvalidPattern:
        if "Unterminated" in error.msg:
            ends = "in field name" if what == "field name" else "was expecting closing quote for a string value"
            between = " " if what == "field name" else ": "
            return self.refused(f"Unexpected end-of-input{between}{ends}", len(self._source))
        if "control" in error.msg:
            code = f"(CTRL-CHAR, code {ord(self._source[error.pos])})"
            has_to = "has to be escaped using backslash to be included in string value"
            return self.refused(f"Illegal unquoted character ({code}): {has_to}", error.pos)
        escaped = self._source[error.pos + 1]
        return self.refused(f"Unrecognized character escape '{escaped}' (code {ord(escaped)})", error.pos + 1)


def ahead(tokens: Tokens) -> Iterator[Token]:
    """The tokens that follow, without moving on; it ends where the text is no JSON."""
    looking = tokens.copy()
    while True:
        try:
            token = looking.next()
        except InvalidPattern:
            return
        yield token
        if token.kind == "end":
            return
