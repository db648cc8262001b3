"""Task tokens by what they await: a pipeline's end, a decision about a version, an endpoint's change, a transform job.

A token is stored before the work starts, and outlives its state's timeout.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.decide.rules import Approval, from_iso, iso
from app.ledger.batches import now
from app.ledger.table import Item, Table, Write

TTL = timedelta(days=400)  # longer than the longest wait: an approval may take 365 days


class Waiting(NamedTuple):
    """A state of the machine that waits for an endpoint."""

    endpoint: str
    config: str
    model: str
    run: str
    version: int
    execution: str  # ARN of the machine's execution
    task_token: str
    strategy: dict[str, Any]  # DeploymentConfig
    started: bool = False  # SageMaker was told to change to ``config``
    tags: list[dict[str, str]] = []  # of an endpoint that has to be created
    replaces: str = ""  # the configuration that served when the change began


class AwaitedJob(NamedTuple):
    """A transform job, and who waits for its end."""

    job: str
    kind: str  # of the answer: scoring, trial or champion
    task_token: str
    whose: str  # the scoring's or the run's id, or the ARN of the pipeline execution that asks its champion
    since: datetime


class Decision(NamedTuple):
    """What is to be done about a decision of the registry."""

    task_token: str  # of the run that waits for it; "" when none does
    number: int  # of this decision among the model's
    late: bool  # nobody waited when it was made


class Tokens(Table):
    """Who waits for what."""

    def remember_token(self, awaited: str, task_token: str, run: str) -> None:
        """Store a token; the newest attempt of a state counts."""
        facts = {"task_token": task_token, "run": run, "expires_at": _expiry()}
        self.write(Write(f"TOKEN#{awaited}", "TOKEN", set=facts, remove=("claimed",)))

    def token(self, awaited: str) -> str:
        """The token that waits; "" when none does."""
        return str((self.get(f"TOKEN#{awaited}", "TOKEN") or {}).get("task_token", ""))

    def forget_token(self, awaited: str) -> bool:
        """Nobody waits any more. True when a decision had claimed the token before."""
        return "claimed" in self.delete(f"TOKEN#{awaited}", "TOKEN")

    # Decisions

    def decide(self, model: str, package: str, version: int, status: Approval, decided_at: str) -> Decision:
        """Record a decision once, however often it is heard, and say who is to be told.

        A waiting token is claimed by one decision only; what comes when nobody waits is late and gets a number.
        """
        decision = f"{status}@{decided_at}"
        claim = Write(
            f"TOKEN#approval/{package}",
            "TOKEN",
            set={"claimed": decision},
            condition="attribute_exists(pk) AND (attribute_not_exists(#claimed) OR #claimed = :claimed)",
        )
        waiting = self.write(claim) or {}
        record = self._record(model, version, decision, late=not waiting)
        return Decision(str(waiting.get("task_token", "")), int(record["number"]), bool(record["late"]))

    def _record(self, model: str, version: int, decision: str, late: bool) -> Item:
        pk, sk = f"MODEL#{model}", f"DECISION#{version:08d}"
        known = self.get(pk, sk)
        if known and known["decision"] == decision:
            return known
        number = (self.write(Write(pk, "STATE", add={"decisions": 1})) or {}).get("decisions", 0)
        fresh = {"decision": decision, "number": number, "late": late}
        guard = "#decision = :known" if known else "attribute_not_exists(#decision)"
        given = {"known": known["decision"]} if known else {}
        written = self.write(Write(pk, sk, set=fresh, condition=guard, given=given))
        return written or self.get(pk, sk) or fresh

    # Transform jobs

    def await_job(self, job: str, kind: str, task_token: str, whose: str) -> None:
        """Store who waits for a transform job."""
        facts = {"kind": kind, "task_token": task_token, "whose": whose, "since": iso(now()), "expires_at": _expiry()}
        self.write(Write("JOBS", job, set=facts))

    def awaited_job(self, job: str) -> AwaitedJob | None:
        """Who waits for ``job``; None when nobody does."""
        found = self.get("JOBS", job)
        return _awaited(found) if found else None

    def awaited_jobs(self) -> list[AwaitedJob]:
        """All that somebody waits for."""
        return [_awaited(found) for found in self.query("JOBS", "!", "~")]

    def forget_job(self, job: str) -> None:
        """Nobody waits for ``job`` any more."""
        self.delete("JOBS", job)

    # Endpoints

    def await_endpoint(self, waiting: Waiting) -> None:
        """Store the token of a state that waits until ``endpoint`` serves ``config``."""
        facts = waiting._asdict() | {"expires_at": _expiry()}
        self.write(Write(*_endpoint(waiting), set=facts))

    def mark_started(self, waiting: Waiting, started: bool, replaces: str = "") -> bool:
        """Note that SageMaker is told, or could not be told, to change the endpoint; True for the one who noted it."""
        change = Write(
            *_endpoint(waiting),
            set={"started": started, "replaces": replaces},
            condition="attribute_exists(pk) AND #started <> :started AND #task_token = :task_token",
            given={"task_token": waiting.task_token},
        )
        return self.write(change) is not None

    def waiting_for(self, endpoint: str) -> list[Waiting]:
        """All who wait for an endpoint, lowest version first."""
        found = self.query(f"TOKEN#endpoint/{endpoint}", "!", "~")
        waiting = [Waiting(**{name: item[name] for name in Waiting._fields if name in item}) for item in found]
        return sorted(waiting, key=lambda one: one.version)

    def forget_endpoint(self, waiting: Waiting) -> None:
        """This one was answered."""
        self.delete(*_endpoint(waiting))


def _awaited(found: Item) -> AwaitedJob:
    return AwaitedJob(found["sk"], found["kind"], found["task_token"], found["whose"], from_iso(found["since"]))


def _endpoint(waiting: Waiting) -> tuple[str, str]:
    return f"TOKEN#endpoint/{waiting.endpoint}", f"{waiting.config}#{waiting.execution.rsplit(':', 1)[-1]}"


def _expiry() -> int:
    return int((now() + TTL).timestamp())
