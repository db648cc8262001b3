"""What one value of an event is held against in an event pattern: the operators, each as a test. Pure.

A value is a string, a number, True, False or None. Operators on text hold for strings alone; what is anything but
something may also be a number, a boolean or null. Numbers are compared as IEEE 754 binary64, when they can be it
without loss; else by their text.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Source: https://github.com/aws/event-ruler#ruler-by-example
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

MOST_COMPLEX = 10  # "limit each single-rule machine to complexity of 10"; AWS's own example of too much is 11
_IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_IPV6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
Address = tuple[int, int]  # bits of its kind, the address as a number


@dataclass(frozen=True)
class Matcher:
    """One alternative of a field."""

    holds: Callable[[Any], bool]
    wildcards: tuple[str, ...] = ()


PRESENT = Matcher(lambda value: True)
ABSENT = Matcher(lambda value: False)  # holds where there is no value at all


def literal(value: bool | None) -> Matcher:
    """Equals true, false or null."""
    return Matcher(lambda found: found is value)


def text(wanted: str) -> Matcher:
    """Equals a string; one that is an IP address equals every way to write it."""
    address = address_of(wanted)
    if address is None:
        return Matcher(lambda found: isinstance(found, str) and found == wanted)
    return Matcher(lambda found: isinstance(found, str) and address_of(found) == address)


def number(wanted: str) -> Matcher:
    """Equals a number, as written in the pattern."""
    value = comparable(_decimal(wanted))
    if value is None:
        return Matcher(lambda found: is_number(found) and str(found) == wanted)
    return Matcher(lambda found: is_number(found) and comparable(found) == value)


def between(low: float, high: float, *, above: bool, below: bool) -> Matcher:
    """Lies in a range; ``above`` and ``below`` leave out its ends."""

    def holds(found: Any) -> bool:
        value = comparable(found) if is_number(found) else None
        if value is None:
            return False
        return (value > low if above else value >= low) and (value < high if below else value <= high)

    return Matcher(holds)


def matching(*patterns: re.Pattern[str]) -> Matcher:
    """Is a string that one of the patterns matches as a whole."""
    return Matcher(lambda found: isinstance(found, str) and any(one.fullmatch(found) for one in patterns))


def anything_but(matchers: Sequence[Matcher]) -> Matcher:
    """Is there, and none of these."""
    wildcards = tuple(wildcard for one in matchers for wildcard in one.wildcards)
    return Matcher(lambda found: not any(one.holds(found) for one in matchers), wildcards)


def plain(wanted: str) -> Matcher:
    """Equals a string to the letter."""
    return Matcher(lambda found: isinstance(found, str) and found == wanted)


def prefix(wanted: str) -> Matcher:
    """Begins with."""
    return matching(re.compile(re.escape(wanted) + ".*", re.DOTALL))


def suffix(wanted: str) -> Matcher:
    """Ends with."""
    return matching(re.compile(".*" + re.escape(wanted), re.DOTALL))


def ignoring_case(wanted: str) -> Matcher:
    """Equals but for upper and lower case, letter by letter."""
    return matching(re.compile(_either_case(wanted)))


def prefix_ignoring_case(wanted: str) -> Matcher:
    """Begins with, but for upper and lower case."""
    return matching(re.compile(_either_case(wanted) + ".*", re.DOTALL))


def suffix_ignoring_case(wanted: str) -> Matcher:
    """Ends with, but for upper and lower case."""
    return matching(re.compile(".*" + _either_case(wanted), re.DOTALL))


def _either_case(wanted: str) -> str:
    letters = ((re.escape(letter.lower()), re.escape(letter.upper())) for letter in wanted)
    return "".join(lower if lower == upper else f"(?:{lower}|{upper})" for lower, upper in letters)


def wildcard(wanted: str) -> Matcher:
    r"""``*`` is any text; ``\*`` and ``\\`` are the characters themselves.

    Raises:
        ValueError: two ``*`` follow each other, or ``\`` stands before something else.
    """
    pieces = [".*" if star else re.escape(piece) for piece, star in wildcard_pieces(wanted)]
    return Matcher(matching(re.compile("".join(pieces), re.DOTALL)).holds, (wanted,))


def wildcard_pieces(wanted: str) -> list[tuple[str, bool]]:
    """Characters, and whether each is any text.

    Raises:
        ValueError: as ``wildcard``, with the place in AWS's count: bytes, with the quotes of the string.
    """
    pieces: list[tuple[str, bool]] = []
    index = 0
    while index < len(wanted):
        character, following = wanted[index], wanted[index + 1 : index + 2]
        place = 1 + len(wanted[:index].encode("utf-8", "surrogatepass"))
        if character == "*" and following == "*":
            raise ValueError(f"Consecutive wildcard characters at pos {place}")
        if character == "\\" and following not in ("*", "\\"):
            raise ValueError(f"Invalid escape character at pos {place}")
        index += 2 if character == "\\" else 1
        pieces.append((following, False) if character == "\\" else (character, character == "*"))
    return pieces


def complexity(wildcards: Iterable[str]) -> int:
    """How many places of a field's wildcards one value can be at, at worst; AWS refuses more than a few.

    Behind its first ``*`` a wildcard stays at each ``*`` for good; the worst value has passed all of them and ends like
    as many of the texts between them as it can.
    Source: https://github.com/aws/event-ruler#matching-with-a-machine (MachineComplexityEvaluator).
    """
    texts = [_texts_between(one) for one in wildcards]
    found = [0]
    for begin, *_ in texts:
        together = [rest for first, *rest in texts if begin.startswith(first)]
        behind = [text for rest in together for text in rest]
        ends = {text[:length] for text in behind for length in range(1, len(text) + 1)}
        at_most = max((sum(_begins_that_end(text, end) for text in behind) for end in ends), default=1)
        found.append(len(behind) + at_most)
    return max(found)


def _texts_between(wanted: str) -> list[str]:
    texts = ['"']
    for piece, star in wildcard_pieces(wanted):
        if star:
            texts.append("")
        else:
            texts[-1] += piece
    texts[-1] += '"'
    return texts


def _begins_that_end(text: str, end: str) -> int:
    return sum(end.endswith(text[:length]) for length in range(1, len(text) + 1))


def network(cidr: str) -> Matcher:
    """Is a string that is an IP address of a network.

    Raises:
        ValueError: it is no CIDR block of AWS's; the text is AWS's reason.
    """
    base, _, mask = cidr.rstrip("/").partition("/")
    if not mask or "/" in mask:
        raise ValueError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[+-]?[0-9]+", mask):
        raise ValueError("Malformed CIDR, mask bits must be an integer")
    kept = int(mask)
    if kept < 0:
        raise ValueError("Malformed CIDR, mask bits must not be negative")
    address = address_of(base)
    if address is None:
        raise ValueError(f"{'Invalid' if _looks_like_address(base) else 'Nonstandard'} IP address: {base}")
    bits, first = address
    if kept >= bits:
        raise ValueError(f"{'IPv4' if bits == 32 else 'IPv6'} mask bits must be < {bits}")

    def holds(found: Any) -> bool:
        other = address_of(found) if isinstance(found, str) else None
        return other is not None and other[0] == bits and other[1] >> (bits - kept) == first >> (bits - kept)

    return Matcher(holds)


def address_of(written: str) -> Address | None:
    """The IP address that a string is, or None."""
    if not _looks_like_address(written):
        return None
    if _IPV4.fullmatch(written):
        parts = [int(part) for part in written.split(".")]
        if len(written) > 15 or max(parts) > 255:
            return None
        return 32, int.from_bytes(bytes(parts))
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return None
    return (32, int(address.ipv4_mapped)) if address.ipv4_mapped else (128, int(address))


def _looks_like_address(written: str) -> bool:
    return bool(_IPV4.fullmatch(written) or _IPV6.fullmatch(written))


def is_number(value: Any) -> bool:
    """JSON's true and false are not numbers, though Python's are."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def comparable(value: int | float | Decimal | None) -> float | None:
    """The number as binary64, or None where that would lose digits, as in an account's number with 20 of them."""
    if value is None:
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    if not math.isfinite(found) or Decimal(repr(found)) != (
        Decimal(repr(value)) if isinstance(value, float) else value
    ):
        return None
    return found


def _decimal(written: str) -> Decimal | None:
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def bound(written: str) -> float:
    """A number of the pattern that values are compared with.

    Raises:
        ValueError: it cannot be binary64 without loss; the text is AWS's reason.
    """
    value = comparable(_decimal(written))
    if value is None:
        raise ValueError(f"Cannot compare number : {written}")
    return value
