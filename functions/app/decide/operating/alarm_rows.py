"""The alarms that a person is shown. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.names.times import iso
from app.decide.pages.questions import minute


class AlarmRow(NamedTuple):
    """An alarm that is in ALARM."""

    name: str
    meaning: str  # what it says of itself
    since: str


def alarm_rows(stack: str, alarms: Sequence[Mapping[str, Any]]) -> tuple[AlarmRow, ...]:
    """A stack's own alarms that are in ALARM, among those whose names begin as its do, newest first: the template's,
    which CloudFormation names ``<stack>-<name>-<random>``, and those of endpoints, ``<stack>--…``. Another stack may be
    called ``<stack>-2``.
    """
    own = re.compile(rf"{re.escape(stack)}-(?:([A-Za-z0-9]+)-[A-Za-z0-9]+|-(.+))")
    found = [(own.fullmatch(str(alarm["AlarmName"])), alarm) for alarm in alarms]
    newest = sorted(found, key=lambda one: one[1]["StateUpdatedTimestamp"], reverse=True)
    return tuple(
        AlarmRow(
            (name[1] or name[2]).removesuffix("Alarm"), str(alarm.get("AlarmDescription", "")),
            minute(iso(alarm["StateUpdatedTimestamp"])),
        )
        for name, alarm in newest
        if name and alarm["StateValue"] == "ALARM"
    )  # fmt: skip
