"""Bounds of a model file, before anything is made of it: a short YAML text can stand for gigabytes by its aliases, be
nested deeper than Python reads, or have a date that there is not, of which PyYAML lets Python's own error through.
"""

from typing import Any

import yaml

MOST_CHARACTERS = 1_000_000  # a thousand columns, each with a rule, are a tenth of it
MOST_VALUES = 50_000  # with what stands in an alias's place
DEEPEST = 50
LONGEST_NUMBER = 100  # characters: a float has 17 digits, and Python writes no integer of more than 4,300
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
# What PyYAML lets through of Python's own errors about a text that it reads.
_NO_VALUE = (ValueError, AttributeError, LookupError, TypeError, ArithmeticError)


class OutOfBounds(yaml.YAMLError):
    """A model file that is too large, or nested too deeply; at which line it comes to be."""

    def __init__(self, problem: str, line: int = 1) -> None:
        super().__init__(problem)
        self.problem, self.line = problem, line


class Loader(yaml.SafeLoader):
    """The safe loader, which says at which line a text is none of its kind: whatever it reads, it ends in a document or
    in an error of YAML.
    """

    def fetch_more_tokens(self) -> None:
        """Read on.

        Raises:
            yaml.YAMLError: what stands there is no token, such as an escape beyond Unicode.
        """
        try:
            super().fetch_more_tokens()
        except (ValueError, OverflowError) as error:
            what = f"nothing that YAML reads: {error}"
            raise yaml.scanner.ScannerError(problem=what, problem_mark=self.get_mark()) from error

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """What a node stands for.

        Raises:
            yaml.YAMLError: a scalar is no value of its tag.
        """
        _require_sound(node)
        try:
            return super().construct_object(node, deep=deep)
        except _NO_VALUE as error:
            raise _no_value(node) from error


def _require_sound(node: yaml.Node) -> None:
    """Hold a scalar against what its value costs: PyYAML takes a minute for a number to the base 60 of a megabyte."""
    if not isinstance(node, yaml.ScalarNode):
        return
    if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
        raise _no_value(node)
    if any("\ud800" <= character <= "\udfff" for character in node.value):  # half of a pair, which is nowhere text
        raise _no_value(node)


def _no_value(node: yaml.Node) -> yaml.constructor.ConstructorError:
    why = f"{str(node.value)[:40]!r} is no {node.tag.rpartition(':')[2]}"
    return yaml.constructor.ConstructorError(problem=why, problem_mark=node.start_mark)


def require_bounded(text: str) -> None:
    """Read the text event by event, and count.

    Raises:
        OutOfBounds: it is larger than a model file is.
        yaml.YAMLError: it is no YAML.
    """
    if len(text) > MOST_CHARACTERS:
        raise OutOfBounds(f"more than {MOST_CHARACTERS:,} characters")
    counted = _Counted()
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if why := counted.add(event):
            raise OutOfBounds(why, line)


class _Counted:
    """How many values a text stands for so far, with those in each alias's place, and what is open."""

    def __init__(self) -> None:
        self._count = 0
        self._open: list[tuple[str | None, int]] = []  # anchor, and the count before it
        self._sizes: dict[str | None, int] = {}  # by anchor

    def add(self, event: yaml.Event) -> str:
        """Count an event; what is too much by now, else ""."""
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in self._open):
                return f"*{event.anchor} stands within itself"
            self._count += self._sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            self._count += 1
            self._sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._count))
            self._count += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._sizes[anchor] = self._count - before
        if len(self._open) > DEEPEST:
            return f"nested more than {DEEPEST} deep"
        return f"more than {MOST_VALUES:,} values" if self._count > MOST_VALUES else ""
