"""How the numbers of a column are written, where they are not written as 1234.5.

This file stands twice, byte for byte: the check at the door and the jobs have no module in common, and must read alike.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

DIGITS = re.compile(r"[0-9]+")
ALIKE = str.maketrans("\u00a0\u202f\u2007\u2009\u2019", "    '")  # spaces that do not break, narrow ones; an apostrophe


class NumberFormat(NamedTuple):
    """A model file's ``number_format``."""

    decimal: str = "."
    thousands: str = ""  # what may stand between groups of three digits
    strip: tuple[str, ...] = ()  # texts that may stand before or behind: a currency, a unit, a per cent sign

    @staticmethod
    def parse(given: Mapping[str, Any] | None) -> "NumberFormat | None":
        """Read the mapping of a model file, or of features.json."""
        if given is None:
            return None
        return NumberFormat(given.get("decimal", "."), given.get("thousands", ""), tuple(given.get("strip", ())))

    def document(self) -> dict[str, Any]:
        """Serialize as JSON; ``parse`` reads it back."""
        return {"decimal": self.decimal, "thousands": self.thousands, "strip": list(self.strip)}

    def plain(self, text: str) -> str:
        """Write a number of the format as 1234.5.

        Raises:
            ValueError: the text is no number of the format.
        """
        sign, number = _signed(self._bare(text.translate(ALIKE).strip()))
        if not sign:  # -$5 and $-5
            sign, number = _signed(self._bare(number))
        else:
            number = self._bare(number)
        whole, mark, fraction = number.partition(self.decimal)
        whole = self._joined(whole)
        if not DIGITS.fullmatch(whole + fraction):
            raise ValueError(f"{text!r} is not a number with {self.decimal!r} before its decimals")
        return f"{sign}{whole}{'.' if mark else ''}{fraction}"

    def _bare(self, text: str) -> str:
        """Take away what may stand before and behind, the longest first."""
        for affix in sorted((affix.translate(ALIKE) for affix in self.strip), key=len, reverse=True):
            if text.startswith(affix):
                text = text[len(affix) :].lstrip()
            if text.endswith(affix):
                text = text[: -len(affix)].rstrip()
        return text

    def _joined(self, whole: str) -> str:
        """Join groups of three digits; what is grouped otherwise stays as it is, and is no number."""
        groups = whole.split(self.thousands) if self.thousands else [whole]
        grouped = len(groups) > 1
        right = not grouped or (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
        return "".join(groups) if right else "?"


def _signed(text: str) -> tuple[str, str]:
    """Part the sign from what follows it."""
    return (text[0], text[1:].lstrip()) if text.startswith(("+", "-")) else ("", text)
