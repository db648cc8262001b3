"""People: they publish models, upload, decide, edit, request runs, and stop, move and delete things by hand."""

from __future__ import annotations

import copy
import itertools
import json
from functools import partial
from typing import Any, NamedTuple

from app.decide.names.bucket_keys import config_key, version_key

from tests.published_churn import PUBLISHED
from tests.torture.commands import command
from tests.torture.endpoint_meddling import delete_endpoint, deployment, move_endpoint, scale_by_hand
from tests.torture.fakes.resources import STACK
from tests.torture.fakes.s3 import BUCKET
from tests.torture.reviewers import (
    NAMES,
    NEEDED,
    REVIEWED,
    REVIEWERS,
    Yes,
    answer_link,
    is_reviewed,
    reviewer_named,
    version_of_model,
)
from tests.torture.simulated_account import Account
from tests.torture.words import Word

MODELS: dict[str, dict[str, Any]] = {
    "churn": {},
    "prices": {"approval": {"mode": "automatic", "deadline_s": 3600}},
    "leads": {"deployment": {"mode": "batch", "instance_type": "ml.m5.large"}},
    "sales": {"deployment": {"mode": "serverless"}},
    REVIEWED: {"approval": {"deadline_s": 3600, "reviewers": list(REVIEWERS), "needed": NEEDED}},
}
SHADOWED = ("churn", "prices")
WATCHED = "watched"  # its uploads wait until what serves answers them badly; a schedule asks, too
COOLDOWN_S, MOST_RUNS = 1_200, 3
POLICY: dict[str, Any] = {
    "on_upload": "when_due", "cooldown": f"{COOLDOWN_S // 60}m", "at_most": {"runs": MOST_RUNS, "days": 1},
    "on_quality": {"metric": "roc_auc", "below": 0.8, "windows": "1 of 2"},
    "schedule": {"expression": "rate(1 hour)", "timezone": "UTC"},
}  # fmt: skip
GOOD = "customerID,tenure,Churn\nA{0},1,Yes\nB{0},2,No\n"
ONE_CLASS = "customerID,tenure,Churn\nA{0},1,Yes\nB{0},2,Yes\n"
BAD = "customerID,tenure\nA{0},1\n"
EVERY_S = 300  # the reconciler's schedule


class Upload(NamedTuple):
    """An upload as somebody made it."""

    key: str
    version: str
    good: bool


class People:
    """Everybody who does something in a schedule; what they do is drawn when it is planned, or when it happens."""

    def __init__(self, account: Account) -> None:
        self.account, self.random, self.agenda = account, account.random, account.agenda
        self.models = self.random.sample(list(MODELS), self.random.choice((1, 1, 2, 3)))
        self.models += [WATCHED] if account.watches else []
        self.until_s = self.random.choice((1500.0, 6000.0, 20000.0))
        self.uploads: list[Upload] = []
        self.to_score: list[Upload] = []
        self.deleted: list[Upload] = []
        self.by_hand: list[str] = []
        self._tickets = itertools.count(1)

    def plan(self) -> None:
        """Plan the schedule."""
        for model in self.models:
            self._publish(model)
        draw = self.random
        plans = [(self._upload, draw.randint(1, 5) * len(self.models)), (self._decide, draw.choice((2, 6, 12)))]
        plans += [(self._edit, draw.choice((0, 1, 4))), (self._request_run, draw.choice((0, 0, 1, 3)))]
        plans += [(self._republish, draw.choice((0, 0, 1))), (self._meddle, draw.choice((0, 0, 1, 2, 5)))]
        plans += [(self._rescale, draw.choice((0, 0, 1, 4)))]
        plans += [(self._command, draw.choice((0, 0, 1, 3)))]
        plans += [(self._score, draw.choice((0, 0, 1, 4)))]
        plans += [(self._fire, draw.randint(0, 3))] if WATCHED in self.models else []
        for act, times in plans:
            for _ in range(times):
                share = draw.random() * (0.6 if act == self._upload else 1)
                self.agenda.later(share * self.until_s, act.__name__, act)
        self._tick()

    def _fire(self) -> None:
        """The schedule of the watched model asks for a run, at least once, maybe late, maybe never."""
        asked = {"model": WATCHED, "trigger": "schedule", "request": f"at {self.agenda.now}"}
        for delay in self.account.faults.of_delivery("schedule of BeginRunFunction"):
            deliver = partial(self.account.functions.deliver, "BeginRunFunction", asked)
            self.agenda.later(delay, "schedule asks", deliver)

    def _tick(self) -> None:
        """The reconciler's schedule."""
        for delay in self.account.faults.of_delivery("schedule of ReconcileRunsFunction"):
            self.agenda.later(delay, "reconcile", self.reconcile)
        if not self.account.faults.over:
            self.agenda.later(EVERY_S, "schedule", self._tick, timer=True)

    def reconcile(self) -> None:
        """Run the reconciler now."""
        self.account.functions.deliver("ReconcileRunsFunction", {"grace_s": EVERY_S})

    def _publish(self, model: str, **changes: Any) -> None:
        document = copy.deepcopy(PUBLISHED)
        document["model"] |= MODELS.get(model, {"retrain": POLICY}) | {"name": model} | changes
        if "deployment" not in MODELS.get(model, {}):
            document["model"]["deployment"] = deployment(self.random)
        if self.account.shadows and model in SHADOWED:
            document["model"]["deployment"] = deployment(self.random) | {"shadow": {"for": "10m"}}
        if model == WATCHED:
            document["model"]["retrain"] = POLICY
            document["pipeline"]["measuring"] = ["Preprocess", "ScoreChampion"]
        self.account.modes.setdefault(model, []).append(
            (self.agenda.at, document["model"]["approval"].get("mode", "manual"))
        )
        document["pipeline"]["name"] = document["package_group"] = f"{STACK}--{model}"
        for key in (config_key(model), version_key(model, 4)):
            self.account.s3.put_json(key, document)

    def _republish(self) -> None:
        model = self.random.choice(self.models)
        mode = self.random.choice(("manual", "automatic"))
        self._publish(model, approval={"mode": mode, "deadline_s": self.random.choice((600, 3600))})

    def _rescale(self) -> None:
        """Publish a model with other instances, or other bounds."""
        self._publish(self.random.choice(self.models))

    def _upload(self) -> None:
        model, number = self.random.choice(self.models), len(self.uploads)
        form = self.random.choices((GOOD, ONE_CLASS, BAD), (12, 1, 2))[0]
        for _ in range(self.random.choice((1, 1, 1, 4))):
            key = f"incoming/{model}/{number if self.random.random() < 0.9 else 0}.csv"
            body = form.format(number).encode()
            version = self.account.s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
            self.uploads.append(Upload(key, version, form != BAD))
            number += 1

    def _score(self) -> None:
        """Upload a file that is to be scored: rows of either kind, in any order."""
        model, number = self.random.choice(self.models), len(self.to_score)
        good = self.random.random() < 0.85
        rows = [f"C{row},{self.random.choice((1, 2))}" for row in range(self.random.randint(1, 5))]
        body = "\n".join(["customerID,tenure" if good else "customerID,age", *rows]) + "\n"
        key = f"scoring/{model}/{number if self.random.random() < 0.9 else 0}.csv"
        version = self.account.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())["VersionId"]
        self.to_score.append(Upload(key, version, good))

    def _version(self, pending: bool) -> dict[str, Any] | None:
        found = [
            package
            for model in self.models
            for package in self.account.registry.of_group(f"{STACK}--{model}")
            if not pending or package["ModelApprovalStatus"].startswith("Pending")
        ]
        return self.random.choice(found) if found else None

    def _decide(self) -> None:
        package = self._version(pending=self.random.random() < 0.7)
        approve = self.random.random() < 0.75
        if package is None:
            self.agenda.later(600 * self.random.random(), "decide later", self._decide_again)
        elif self.account.functions.links and self.random.random() < 0.6:
            self._decide_by_link(*self.random.choice(self.account.functions.links), approve)
        elif self.random.random() < 0.25:
            self._decide_by_message(package, approve)
        else:
            status = "Approved" if approve else "Rejected"
            arn = package["ModelPackageArn"]
            self.account.say(arn, status)
            self._set_status(arn, status)

    def _set_status(self, arn: str, status: str) -> None:
        """Set a status in the registry, with a reason, as `retrain approve` and `reject` do."""
        registry, version = self.account.registry, int(arn.rpartition("/")[2])
        registry.person, before = self.random.choice(NAMES), registry.person
        if is_reviewed(arn) and status == "Approved" and (who := reviewer_named(registry.person)):
            self.account.yeses.append(Yes(who, version, taken=False))
        elif is_reviewed(arn) and status == "Rejected":
            self.account.rejected.add(arn)
        registry.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=self._reason()
        )
        registry.person = before

    def _decide_by_link(self, reviewer: str, version: int, link: str, approve: bool) -> None:
        if not approve:
            self.account.rejected.add(version_of_model(version))
        taken = answer_link(self.account, reviewer, link, approve, self._reason())
        if approve:
            self.account.yeses.append(Yes(reviewer, version, taken))

    def _reason(self) -> str:
        """A reason of its own."""
        return f"ticket {next(self._tickets)}"

    def _decide_again(self) -> None:
        if not self.account.faults.over and self._version(pending=False):
            self._decide()

    def _decide_by_message(self, package: dict[str, Any], approve: bool) -> None:
        model, version = package["ModelPackageGroupName"].partition("--")[2], package["ModelPackageVersion"]
        said = {"model": model, "version": version, "decision": "approve" if approve else "reject", "by": "Ada"}
        said["reason"] = self._reason()
        at = self.agenda.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        sns = {"Message": json.dumps(said), "MessageId": f"d{self.random.random()}", "Timestamp": at}
        for delay in self.account.faults.of_delivery("decision to ReceiveDecisionFunction"):
            word = Word(self.agenda.at, "Approved" if approve else "Rejected", sns["MessageId"], sns["Message"])
            self.agenda.later(delay, "decision", partial(self._deliver_decision, sns, package["ModelPackageArn"], word))

    def _deliver_decision(self, sns: dict[str, Any], arn: str, word: Word) -> None:
        self.account.said.setdefault(arn, set()).add(word)
        if is_reviewed(arn) and word.status == "Rejected":
            self.account.rejected.add(arn)
        self.account.functions.deliver("ReceiveDecisionFunction", {"Records": [{"Sns": sns}]})

    def _edit(self) -> None:
        package = self._version(pending=False)
        if package:
            arn = package["ModelPackageArn"]
            self.account.edited.setdefault(arn, []).append(self.agenda.at)
            self.account.registry.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"a": "b"})

    def _request_run(self) -> None:
        event = {"model": self.random.choice(self.models), "request": f"r{self.random.randrange(3)}"}
        self.account.functions.deliver("BeginRunFunction", event)

    def _command(self) -> None:
        done = command(self.account, self.random, self.random.choice(self.models))
        if done:
            self.by_hand.append(f"{self.agenda.now:.0f} {done}")

    # By hand

    def _meddle(self) -> None:
        own = (
            self._stop_execution,
            self._stop_pipeline,
            self._delete_config,
            self._delete_version,
            self._delete_upload,
        )
        act = self.random.choice((*own, delete_endpoint, move_endpoint, scale_by_hand))
        done = act() if act in own else act(self.account, self.random)
        if done:
            self.by_hand.append(f"{self.agenda.now:.0f} {act.__name__.strip('_')} {done}")

    def _stop_execution(self) -> str:
        running = [one for one in self.account.states.executions.values() if one.status == "RUNNING"]
        if not running:
            return ""
        execution = self.random.choice(running)
        self.account.states.stop_execution(executionArn=execution.arn)
        return f"{execution.name} in {execution.state}"

    def _stop_pipeline(self) -> str:
        running = [one for one in self.account.pipelines.executions.values() if one.status.now == "Executing"]
        if not running:
            return ""
        execution = self.random.choice(running)
        self.account.pipelines.stop_pipeline_execution(PipelineExecutionArn=execution.arn)
        return execution.run

    def _delete_upload(self) -> str:
        if not self.uploads:
            return ""
        upload = self.random.choice(self.uploads)
        self.deleted.append(upload)
        self.account.s3.delete_object(Bucket=BUCKET, Key=upload.key, VersionId=upload.version)
        return upload.key

    def _delete_config(self) -> str:
        configs = self.account.endpoints.configs
        name = self.random.choice(sorted(configs)) if configs else ""
        configs.pop(name, None)
        return name

    def _delete_version(self) -> str:
        package = self._version(pending=self.random.random() < 0.5)
        if package is None:
            return ""
        self.account.registry.delete_model_package(ModelPackageName=package["ModelPackageArn"])
        return str(package["ModelPackageArn"])
