"""EventBridge Scheduler: moto keeps groups and schedules, behind AWS's checks; here they fire.

``times`` knows when, ``invocations`` how a target is reached, ``operations`` what may be asked.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from moto.scheduler.models import Schedule, scheduler_backends

from localcloud.background import spawn
from localcloud.bus.scheduler import invocations, operations
from localcloud.bus.scheduler.times import When, next_invocation
from localcloud.settings import Cloud

_STOPPED = threading.Event()


def install(cloud: Cloud) -> None:
    """Check what is asked, and fire what is due, from now on."""
    operations.install()
    spawn(_Clock(cloud).run)


def when_of(schedule: Schedule) -> When:
    """When a schedule of moto's fires."""

    def at(value: object) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(float(str(value)), UTC)

    created = datetime.fromtimestamp(float(schedule.creation_date), UTC)
    zone = str(schedule.schedule_expression_timezone)
    return When(str(schedule.schedule_expression), zone, created, at(schedule.start_date), at(schedule.end_date))


class _Clock:
    """Fires schedules. Where the server was down meanwhile, what was due then is not made up for."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._began = datetime.now(UTC)
        self._met: set[str] = set()  # a rate fires at once when it is made, and not when it is seen again
        self._due: dict[str, tuple[When, datetime | None]] = {}

    def run(self) -> None:
        """Look every second; AWS fires within the minute.

        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (60 second precision)
        """
        while not _STOPPED.wait(1.0):
            now, seen = datetime.now(UTC), set[str]()
            for region, backend in list(scheduler_backends[self._cloud.account_id].items()):
                for group in list(backend.schedule_groups.values()):
                    for schedule in list(group.schedules.values()):
                        seen.add(schedule.arn)
                        self._look_at(schedule, now, region)
            self._due = {arn: due for arn, due in self._due.items() if arn in seen}
            self._met &= seen

    def _look_at(self, schedule: Schedule, now: datetime, region: str) -> None:
        when, met = when_of(schedule), schedule.arn in self._met
        self._met.add(schedule.arn)
        if schedule.state != "ENABLED":
            self._due.pop(schedule.arn, None)
            return
        known, due = self._due.get(schedule.arn, (None, None))
        if known != when:
            after = when.created - timedelta(seconds=1) if not met and when.created >= self._began else now
            due = next_invocation(when, after)
        if due is not None and due <= now:
            invocations.begin(schedule, due, region, self._cloud.account_id)
            due = next_invocation(when, now)
        self._due[schedule.arn] = (when, due)
