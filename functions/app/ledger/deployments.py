"""The deployment of each model: the last endpoint change that was claimed, and the executions that deploy.

``MODEL#<model>/CHANGE``, ``MODEL#<model>/SHADOW``, ``MODEL#<model>/SCALING`` and ``MODEL#<model>/DEPLOYMENT``.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from app.decide.deployment.endpoint_steps import EndpointChange
from app.decide.deployment.scaling import KeptScaling, Scaling
from app.decide.deployment.shadows import ShadowRun
from app.decide.names.times import from_iso, iso
from app.ledger.batches import now
from app.ledger.executions import open_entry
from app.ledger.runs import deploying
from app.ledger.table import Table, Write


class Deployments(Table):
    """What was asked of SageMaker, and who deploys."""

    def endpoint_change(self, model: str) -> EndpointChange | None:
        """The last change of the model's endpoint that was claimed; None where its outcome is known."""
        item = self.get(f"MODEL#{model}", "CHANGE")
        if item is None:
            return None
        at, deletes = from_iso(item["claimed_at"]), bool(item.get("deletes"))
        return EndpointChange(item["config"], item["replaces"], at, bool(item["sent"]), deletes)

    def claim_endpoint_change(self, model: str, change: EndpointChange, before: EndpointChange | None) -> bool:
        """Claim the right to ask SageMaker for ``change``, replacing ``before`` (optimistic lock); True for the one
        caller who gets it.
        """
        claim = Write(
            f"MODEL#{model}",
            "CHANGE",
            set=change._asdict() | {"claimed_at": iso(change.claimed_at)},
            condition="#claimed_at = :expected" if before else "attribute_not_exists(#claimed_at)",
            given={"expected": iso(before.claimed_at)} if before else {},
        )
        return self.write(claim) is not None

    def mark_change_sent(self, model: str, change: EndpointChange) -> None:
        """Record that SageMaker admitted the change."""
        sent = Write(
            f"MODEL#{model}",
            "CHANGE",
            set={"sent": True},
            condition="#claimed_at = :claimed_at",
            given={"claimed_at": iso(change.claimed_at)},
        )
        self.write(sent)

    def forget_endpoint_change(self, model: str, change: EndpointChange) -> None:
        """Delete the change: its outcome is known, or SageMaker did not admit it. One that was claimed since stays."""
        self.delete(f"MODEL#{model}", "CHANGE", {"claimed_at": iso(change.claimed_at)})

    def shadow_run(self, model: str) -> ShadowRun | None:
        """The model's last time in shadow; None of one that had none."""
        item = self.get(f"MODEL#{model}", "SHADOW")
        if item is None:
            return None
        begun, until = from_iso(item["begun_at"]), from_iso(item["until"])
        over, reason = bool(item["over"]), str(item["reason"])
        return ShadowRun(item["config"], int(item["version"]), begun, until, over, reason)

    def begin_shadow_run(self, model: str, run: ShadowRun) -> None:
        """Record that a version is in shadow from now on, unless it is already."""
        facts = run._asdict() | {"begun_at": iso(run.begun_at), "until": iso(run.until)}
        self.write(
            Write(
                f"MODEL#{model}",
                "SHADOW",
                set=facts,
                condition="attribute_not_exists(#config) OR #config <> :new",
                given={"new": run.config},
            )
        )

    def end_shadow_run(self, model: str, run: ShadowRun, reason: str) -> None:
        """Record what a time in shadow came to; ``reason`` speaks against the version, "" of one that may serve."""
        self.write(
            Write(
                f"MODEL#{model}",
                "SHADOW",
                set={"over": True, "reason": reason},
                condition="#config = :config AND #over = :going",
                given={"config": run.config, "going": False},
            )
        )

    def forget_shadow_run(self, model: str, config: str) -> None:
        """Delete a time in shadow: the version that is approved anew has another."""
        self.delete(f"MODEL#{model}", "SHADOW", {"config": config})

    def kept_scaling(self, model: str) -> KeptScaling | None:
        """What scaling the model's endpoint has; None of one that was never scaled."""
        item = self.get(f"MODEL#{model}", "SCALING")
        if item is None:
            return None
        return KeptScaling(item["config"], Scaling(**item["scaling"]) if item.get("scaling") else None)

    def doubt_scaling(self, model: str, scaling: Scaling | None) -> str:
        """Record that AWS is about to be asked: the model's endpoint may have this scaling from now on, and may have
        none. The token of whoever asks.
        """
        token = uuid4().hex
        facts = {"config": "", "scaling": scaling._asdict() if scaling else {}, "token": token}
        self.write(Write(f"MODEL#{model}", "SCALING", set=facts))
        return token

    def note_scaling(self, model: str, kept: KeptScaling, token: str) -> None:
        """Record what scaling the model's endpoint has, as AWS answered; where somebody else asked meanwhile, nobody
        knows (optimistic lock).
        """
        known = Write(
            f"MODEL#{model}",
            "SCALING",
            set={"config": kept.config, "scaling": kept.scaling._asdict() if kept.scaling else {}},
            condition="#token = :token",
            given={"token": token},
        )
        if self.write(known) is None:
            self.doubt_scaling(model, kept.scaling)

    def forget_scaling(self, model: str, token: str) -> None:
        """Record that nothing is scaled any more; where somebody else asked meanwhile, nobody knows."""
        if not self.delete(f"MODEL#{model}", "SCALING", {"token": token}) and (kept := self.kept_scaling(model)):
            self.doubt_scaling(model, kept.scaling)

    def note_alarms(self, model: str, config: str) -> None:
        """Record that a configuration is about to have alarms."""
        self.write(Write(f"MODEL#{model}", f"ALARMS#{config}", set={"config": config, "at": iso(now())}))

    def configs_with_alarms(self, model: str, before: datetime) -> list[str]:
        """The configurations whose alarms were made ``before`` that time, and are not known to be deleted."""
        items = self.query(f"MODEL#{model}", "ALARMS#", "ALARMS#~")
        return [item["config"] for item in items if from_iso(item["at"]) < before]

    def forget_alarms(self, model: str, config: str) -> None:
        """Record that a configuration has no alarms any more. Idempotent."""
        self.delete(f"MODEL#{model}", f"ALARMS#{config}")

    def deployments_started(self, model: str) -> int:
        """How many executions were started for the model at "Deploy version" so far."""
        return int((self.get(f"MODEL#{model}", "DEPLOYMENT") or {}).get("started", 0))

    def open_deployment(self, model: str, execution_arn: str, task: dict[str, Any], started: int, at: datetime) -> bool:
        """Count a deployment, open its execution and make it the run's own, all or nothing; False when another was
        opened since ``started`` was read (optimistic lock).
        """
        counted = Write(
            f"MODEL#{model}",
            "DEPLOYMENT",
            set={"started": started + 1},
            condition="#started = :expected" if started else "attribute_not_exists(#started)",
            given={"expected": started} if started else {},
        )
        tried = Write(f"MODEL#{model}", f"VERSION#{task['version']:08d}", add={"attempts": 1})
        own = deploying(task["run"], execution_arn)
        return self.transact([counted, tried, own, open_entry(execution_arn, task, at)]) is None
