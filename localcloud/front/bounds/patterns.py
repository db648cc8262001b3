"""The regular expressions of AWS's models, which are Java's, as Python reads them. Pure.

A value has to fit as a whole, as the services' own words show: "Member must satisfy regular expression pattern". A dot
is any character: nobody documents that ``.*``, which many texts of SageMaker's have, refuses a line break.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Python's \w has the letters and numbers of all scripts, and the underscore, which every such class names as well.
_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"[\p{Print}]": r"[ -~]",
    r"\p{Print}": r"[ -~]",
    r"\p{Alnum}": "0-9A-Za-z",
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\z": r"\Z",
    "(?i)": "",  # in the middle, where Python has none: what it forbids is forbidden in small letters alone
    r"\w-": r"\w\-",  # to Java no range, as none begins with a class
}
_REPEATED_END = re.compile(r"\$\{1,\d+\}$")  # meant as a length, which the model states as well
# Kinds of characters that Python cannot tell, and halves of characters, which no text has: these refuse nothing.
_UNREADABLE = (r"\p{M}", r"\p{P}", r"\p{S}", r"\uD800")


def compiled(pattern: str | None) -> Callable[[str], object] | None:
    """Whether a text fits ``pattern`` as a whole; None where there is none, or nobody here can tell."""
    if pattern is None or any(part in pattern for part in _UNREADABLE):
        return None
    in_python = _REPEATED_END.sub("$", pattern)
    for part, instead in _CLASSES.items():
        in_python = in_python.replace(part, instead)
    return re.compile(in_python, re.DOTALL | (0 if r"\p{" in pattern else re.ASCII)).fullmatch
