"""What people say of a version: in the registry, or by a message of the decision topic."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Word(NamedTuple):
    """A decision as somebody made it; ``message`` is the id and ``text`` the words of one that was sent."""

    at: datetime
    status: str
    message: str = ""
    text: str = ""
