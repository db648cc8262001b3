"""Texts from outside on their way to a person are shown, never obeyed. Pure.

A key, cell, id, column name or a job's reason may hold escape sequences, line breaks, bidi controls and characters
without width. Whoever writes one into a mail, a log, a report or a terminal writes it as this file does. functions/ and
processing_scripts/ cannot share a module: a test holds its two copies equal.
"""

import json
import re
from typing import Any

LIMIT = 300  # characters of one text
ELLIPSIS = "…"
# Printable by Unicode's classes and yet without width.
# Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt (Default_Ignorable_Code_Point)
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def shown(text: str, limit: int = LIMIT) -> str:
    r"""Write ``text`` as one line that says what is in it, cut to ``limit`` characters. Idempotent.

    A character that moves, hides or reorders what stands around it, and a space of another kind, becomes its escape:
    ``\n``, ``\x1b``, ``\u202e``.
    """
    visible = _visible(text[: limit + 1])
    return visible if len(visible) <= limit else visible[: limit - len(ELLIPSIS)] + ELLIPSIS


def shown_lines(text: str) -> str:
    """Write a text of one's own, which has lines, with all else that is in it made visible."""
    return "\n".join(map(_visible, text.split("\n")))


def readable_json(document: Any) -> str:
    """Write JSON in which texts are exact, letters of every script stand as they are, and nothing hides or moves."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return text if shown_lines(text) == text else json.dumps(document, indent=1)


def _visible(text: str) -> str:
    if text.isprintable() and not _INVISIBLE.search(text):
        return text
    return "".join(map(_one_visible, text))


def _one_visible(char: str) -> str:
    visible = char.isprintable() and not _INVISIBLE.match(char)
    return char if visible else char.encode("unicode_escape").decode("ascii")
