"""The file of ``--faults``: which faults there are, what each is told, and what is refused by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SUBJECTS: Mapping[str, tuple[str, ...]] = {  # section -> what its faults may be narrowed to, by a pattern
    "events": ("source", "detail-type", "rule", "target"),
    "functions": ("function",),
    "jobs": ("job",),
    "endpoints": ("endpoint", "variant"),
}
Default = float | None  # None: it has to be said


class BadFaults(ValueError):
    """What is asked for is no list of faults; the text says where and why."""


@dataclass(frozen=True)
class Fault:
    """One fault. It strikes a ``share`` of what matches ``patterns``, after ``skip`` of it, ``times`` times at most."""

    place: str  # "events[0]", where it stands
    section: str
    kind: str
    patterns: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    skip: int = 0
    times: int | None = None
    seconds: float = 0.0
    status: int = 0
    after_call: int = 0


@dataclass(frozen=True)
class Faults:
    """All faults, and what chance is drawn from."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0


def read(path: Path) -> Faults:
    """The faults of a YAML file.

    Raises:
        BadFaults: it cannot be read, or asks for what is not there.
    """
    try:
        return parse(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadFaults(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadFaults(f"{path}: {' '.join(str(error).split())}") from error


def parse(document: Any) -> Faults:
    """``{"seed": number, section: [{"fault": kind, ...}, ...]}``; every part may be absent.

    Raises:
        BadFaults: it is something else.
    """
    document = {} if document is None else document
    if not isinstance(document, Mapping):
        raise BadFaults(f"faults are an object of {', '.join(SUBJECTS)}")
    _refuse_unknown(document, ("seed", *SUBJECTS), "")
    faults: list[Fault] = []
    for section in SUBJECTS:
        entries = document.get(section, [])
        if not isinstance(entries, list):
            raise BadFaults(f"{section} is a list of faults")
        faults += [_fault(section, f"{section}[{number}]", entry) for number, entry in enumerate(entries)]
    return Faults(tuple(faults), _whole(document.get("seed", 0), "seed"))


def _fault(section: str, place: str, entry: Any) -> Fault:
    kinds = [kind for owner, kind in KINDS if owner == section]
    if not isinstance(entry, Mapping) or "fault" not in entry:
        raise BadFaults(f"{place} names no fault: one of {', '.join(kinds)}")
    kind = entry["fault"]
    if kind not in kinds:
        raise BadFaults(f"{place}: there is no fault {kind!r}{_meant(kind, kinds)}; {section} have {', '.join(kinds)}")
    own = KINDS[section, kind]
    _refuse_unknown(entry, ("fault", *SUBJECTS[section], *EVERY_FAULT, *own), f"{place}: ")
    if missing := [name for name, default in own.items() if default is None and name not in entry]:
        raise BadFaults(f"{place}: {kind} needs {missing[0]!r}")
    patterns = {name: _pattern(entry[name], f"{place}.{name}") for name in SUBJECTS[section] if name in entry}
    values: dict[str, Any] = {name: default for name, default in own.items() if default is not None}
    values |= {name: CHECKS[name](entry[name], f"{place}.{name}") for name in CHECKS if name in entry}
    return Fault(place, section, kind, patterns, **values)


def _refuse_unknown(given: Mapping[Any, Any], known: Iterable[str], where: str) -> None:
    names = list(known)
    if unknown := [name for name in given if name not in names]:
        raise BadFaults(f"{where}unknown key {unknown[0]!r}{_meant(unknown[0], names)}; known are {', '.join(names)}")


def _meant(word: Any, known: list[str]) -> str:
    near = difflib.get_close_matches(str(word), known, 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


# --- values


def _pattern(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadFaults(f"{where} is {value!r}; it takes a name, with * for any characters")
    return value


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFaults(f"{where} is {value!r}; it takes a number from 0 to 1")
    return float(value)


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86400:  # a day
        raise BadFaults(f"{where} is {value!r}; it takes a number of seconds, a day at most")
    return float(value)


def _whole(value: Any, where: str, least: int = 0) -> int:
    if type(value) is not int or value < least:
        raise BadFaults(f"{where} is {value!r}; it takes a whole number from {least} on")
    return value


def _positive(value: Any, where: str) -> int:
    return _whole(value, where, 1)


def _status(value: Any, where: str) -> int:
    if type(value) is not int or not 400 <= value <= 599:
        raise BadFaults(f"{where} is {value!r}; it takes an HTTP status from 400 to 599")
    return value


KINDS: Mapping[tuple[str, str], Mapping[str, Default]] = {  # a fault, and what it is told besides what every one is
    ("events", "drop"): {},
    ("events", "duplicate"): {},
    ("events", "delay"): {"seconds": None},
    ("events", "reorder"): {"seconds": 5.0},
    ("functions", "crash"): {"after_call": None},
    ("jobs", "crash"): {"seconds": 0.0},
    ("endpoints", "fail"): {"status": 500},
    ("endpoints", "slow"): {"seconds": None},
}
EVERY_FAULT = ("share", "skip", "times")
CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "share": _share,
    "skip": _whole,
    "times": _positive,
    "seconds": _seconds,
    "status": _status,
    "after_call": _positive,
}
