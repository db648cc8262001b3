"""Task tokens by what they await: a pipeline's end, a decision about a version, an endpoint's change, a transform job.

A token is stored before the work starts, and outlives its state's timeout.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.decide.approval_rules import LastDecision
from app.decide.names.statuses import Approval
from app.decide.names.times import from_iso, iso
from app.ledger.batches import BATCH_AND_TURN, now
from app.ledger.table import Item, Table, Write

AWAITED_JOBS = "AWAITED_JOBS"
TTL = timedelta(days=400)  # longer than the longest wait: an approval may take 365 days


class EndpointWaiter(NamedTuple):
    """A state of the machine that waits until an endpoint serves a configuration."""

    endpoint: str
    config: str
    model: str
    run: str
    version: int
    execution: str  # ARN of the machine's execution
    task_token: str
    strategy: dict[str, Any]  # DeploymentConfig
    tags: list[dict[str, str]] = []  # of an endpoint that has to be created
    autoscaling: dict[str, Any] = {}  # as the model file has it; empty of what is not scaled
    shadow: dict[str, Any] = {}  # "config", "strategy", "for_s", "agreement" of a time in shadow that comes first


class WaiterKind(StrEnum):
    """Kinds of who waits for a transform job: each is the module of ``app.flow`` whose ``resume_waiter`` answers it."""

    SCORING = "scoring"
    BATCH_VERIFICATION = "batch_verification"
    CHAMPION_ANSWERS = "champion_answers"


class AwaitedJob(NamedTuple):
    """A transform job, and who waits for its end."""

    job: str
    kind: str  # of the waiter: a WaiterKind, unless another release of this app wrote it
    task_token: str
    waiter_id: str  # the scoring's or the run's id, or the ARN of the pipeline execution that asks its champion
    since: datetime


class Decision(NamedTuple):
    """What is to be done about a decision of the registry."""

    task_token: str  # of the run that waits for it; "" when none does
    sequence: int  # of this decision among the model's
    after_wait: bool  # it was made when nobody waited any more
    is_new: bool = True  # it was not recorded before
    at: str = ""  # when the version had last changed as it was recorded (ISO)


class TaskTokens(Table):
    """Who waits for what."""

    def remember_token(self, awaited: str, task_token: str, run: str) -> None:
        """Store a token; the newest attempt of a state counts."""
        facts = {"task_token": task_token, "run": run, "expires_at": _expiry()}
        self.write(Write(f"TOKEN#{awaited}", "TOKEN", set=facts, remove=("claimed",)))

    def token(self, awaited: str) -> str:
        """The token that waits; "" when none does."""
        return str((self.get(f"TOKEN#{awaited}", "TOKEN") or {}).get("task_token", ""))

    def forget_token(self, awaited: str, task_token: str = "") -> bool:
        """Delete a token: nobody waits any more. True when a decision had claimed it before. Where ``task_token`` is
        given, that of another attempt stays.
        """
        only = {"task_token": task_token} if task_token else {}
        return "claimed" in self.delete(f"TOKEN#{awaited}", "TOKEN", only)

    # Decisions

    def record_decision(
        self, model: str, package: str, version: int, status: Approval, at: str = "", why: str = ""
    ) -> Decision:
        """Record a decision, and say which waiting run it answers. Idempotent, however often it is delivered.

        A status that is announced again is no new decision, whatever else of the package was edited, unless it has a
        new reason: the decision in between was not heard. A waiting token is claimed by one decision only; one that is
        made when nobody waits, or when another has claimed the token, is late. A token that was claimed for the same
        status is given all the same, as whoever claimed it may have died. ``at`` (ISO) and ``why`` are the registry's,
        and are kept.
        """
        made, pk = LastDecision(str(status), at, why), f"TOKEN#approval/{package}"
        unclaimed = "attribute_exists(pk) AND attribute_not_exists(#claimed)"
        claimed = self.write(Write(pk, "TOKEN", set={"claimed": made.status}, condition=unclaimed))
        token = claimed or self.get(pk, "TOKEN") or {}
        answers = str(token["task_token"]) if token.get("claimed") == made.status else ""
        return self._decision_record(model, version, made, answers, is_first=claimed is not None)

    def _decision_record(
        self, model: str, version: int, made: LastDecision, task_token: str, *, is_first: bool
    ) -> Decision:
        pk, sk = f"MODEL#{model}", f"DECISION#{version:08d}"
        last = self.get(pk, sk)
        if last and last["decision"] == made.status and not LastDecision.of(last).is_followed(made.at, made.why or ""):
            return _decision(last, task_token, is_new=False)
        sequence = (self.write(Write(pk, BATCH_AND_TURN, add={"decisions": 1})) or {}).get("decisions", 0)
        record: Item = {"decision": made.status, "at": made.at, "why": made.why}
        record |= {"sequence": sequence, "after_wait": not task_token or (last is not None and not is_first)}
        condition = "#sequence = :last" if last else "attribute_not_exists(#decision)"
        given = {"last": last["sequence"]} if last else {}
        written = self.write(Write(pk, sk, set=record, condition=condition, given=given))
        return _decision(written or self.get(pk, sk) or record, task_token, is_new=written is not None)

    # Transform jobs

    def await_job(self, job: str, kind: WaiterKind, task_token: str, waiter_id: str) -> None:
        """Store who waits for a transform job."""
        facts = {"kind": str(kind), "task_token": task_token, "waiter_id": waiter_id, "since": iso(now())}
        self.write(Write(AWAITED_JOBS, job, set=facts | {"expires_at": _expiry()}))

    def awaited_job(self, job: str) -> AwaitedJob | None:
        """Who waits for ``job``; None when nobody does."""
        item = self.get(AWAITED_JOBS, job)
        return _awaited_job(item) if item else None

    def awaited_jobs(self) -> list[AwaitedJob]:
        """All jobs that somebody waits for."""
        return [_awaited_job(item) for item in self.query(AWAITED_JOBS, "!", "~")]

    def forget_job(self, job: str, task_token: str) -> None:
        """Delete a job's waiter: it was answered, or waits no more; not one that waits with another token by now."""
        self.delete(AWAITED_JOBS, job, {"task_token": task_token})

    # Endpoints

    def await_endpoint(self, waiter: EndpointWaiter) -> None:
        """Store the token of a state that waits until ``endpoint`` serves ``config``."""
        self.write(Write(*_key(waiter), set=waiter._asdict() | {"expires_at": _expiry()}))

    def endpoint_waiters(self, endpoint: str) -> list[EndpointWaiter]:
        """All who wait for an endpoint, lowest version first."""
        items = self.query(f"TOKEN#endpoint/{endpoint}", "!", "~")
        waiters = [
            EndpointWaiter(**{name: item[name] for name in EndpointWaiter._fields if name in item}) for item in items
        ]
        return sorted(waiters, key=lambda waiter: waiter.version)

    def forget_endpoint(self, waiter: EndpointWaiter) -> None:
        """Delete a waiter: it was answered; not the next attempt of its state, which waits with another token."""
        self.delete(*_key(waiter), {"task_token": waiter.task_token})


def _decision(item: Item, task_token: str, *, is_new: bool) -> Decision:
    at = str(item.get("at", ""))
    return Decision(task_token, int(item["sequence"]), bool(item["after_wait"]), is_new, at)


def _awaited_job(item: Item) -> AwaitedJob:
    return AwaitedJob(item["sk"], item["kind"], item["task_token"], item["waiter_id"], from_iso(item["since"]))


def _key(waiter: EndpointWaiter) -> tuple[str, str]:
    return f"TOKEN#endpoint/{waiter.endpoint}", f"{waiter.config}#{waiter.execution.rsplit(':', 1)[-1]}"


def _expiry() -> int:
    return int((now() + TTL).timestamp())
