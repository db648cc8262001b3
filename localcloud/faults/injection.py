"""When a fault is due: which one strikes what happens now, and how often each has struck."""

from __future__ import annotations

import json
import logging
import random
import threading
from fnmatch import fnmatchcase
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from localcloud.faults.fault_file import BadFaults, Fault, Faults, parse

log = logging.getLogger(__name__)


class Plan:
    """Faults, and what each has seen."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.matched = dict.fromkeys((fault.place for fault in faults.faults), 0)
        self.struck = dict(self.matched)
        self._chances = {place: random.Random(f"{faults.seed} {place}") for place in self.matched}
        self._lock = threading.Lock()

    def pick(self, section: str, facts: dict[str, str]) -> Fault | None:
        """The first fault that strikes what has these names; None: all goes well."""
        with self._lock:
            return next((fault for fault in self.faults.faults if self._strikes(fault, section, facts)), None)

    def _strikes(self, fault: Fault, section: str, facts: dict[str, str]) -> bool:
        if fault.section != section or not all(fnmatchcase(facts[name], what) for name, what in fault.patterns.items()):
            return False
        self.matched[fault.place] += 1
        lucky = self._chances[fault.place].random() >= fault.share
        spent = fault.times is not None and self.struck[fault.place] >= fault.times
        if lucky or spent or self.matched[fault.place] <= fault.skip:
            return False
        self.struck[fault.place] += 1
        return True


_plan = [Plan(Faults())]


def change(faults: Faults) -> None:
    """From now on these strike; what waits because of others goes on waiting."""
    _plan[0] = Plan(faults)


def pick(section: str, **facts: str) -> Fault | None:
    """The fault that strikes what happens now, by the names of what it happens to; it is logged. None: none does."""
    fault = _plan[0].pick(section, {name.replace("_", "-"): value for name, value in facts.items()})
    if fault is not None:
        log.warning("fault %s: %s strikes %s", fault.place, fault.kind, ", ".join(facts.values()))
    return fault


def page(request: Request) -> list[dict[str, Any]]:
    """``/_localcloud/faults``: GET says which faults there are and how often each struck, PUT changes them.

    Raises:
        BadRequest: what is put cannot be understood.
    """
    if request.method == "PUT":
        try:
            change(parse(json.loads(request.get_data() or b"{}")))
        except (BadFaults, ValueError, RecursionError) as error:
            raise BadRequest(str(error)) from error
    plan = _plan[0]
    return [
        {"place": fault.place, "fault": fault.kind, **fault.patterns, "matched": plan.matched[fault.place],
         "struck": plan.struck[fault.place]}
        for fault in plan.faults.faults
    ]  # fmt: skip
