"""Names and values as a model file has them. Pure."""

import json
import re
from typing import Any

import yaml

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .()%/-]*")


def quoted(value: Any) -> str:
    """A text, a list or a mapping as YAML reads it back."""
    return json.dumps(value, ensure_ascii=False)


def plain(name: str) -> str:
    """A name as YAML reads it back, in quotes only where it needs them."""
    try:
        return name if PLAIN.fullmatch(name) and yaml.safe_load(name) == name else quoted(name)
    except (ValueError, OverflowError):  # 2026-02-30 is a date that there is not
        return quoted(name)
