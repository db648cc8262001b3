"""The published configuration of a model: ``config/models/<model>.json``, as ``retrain publish`` wrote it."""

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from app.decide.parsing import strict
from app.decide.uploads.number_formats import NumberFormat
from app.decide.uploads.profiles import Kind

TUNING = "Tuning"  # what is said of a run beside the parameters of its pipeline


class Data(NamedTuple):
    """The ``data`` section of a model file."""

    target: str
    id: str  # empty where rows have none
    labels: tuple[str, ...]  # what the target may say; empty where it is a number
    missing: tuple[str, ...]  # marks that mean "no value"
    columns: tuple[str, ...]  # id, features and target, which a file must have
    append: bool  # train on all accepted files, not only on the newest batch
    kinds: Mapping[str, Kind] = {}  # of the features
    checks: Mapping[str, Any] = {}  # the model file's
    drop_rows_without_target: bool = False  # rows whose target is blank or a missing mark
    sensitive: bool = False  # messages name line and column, and quote nothing
    log: bool = False  # the target's logarithm is what is learnt
    beside: tuple[str, ...] = ()  # what a file must have, too: columns that the split and fairness read


class Askable(NamedTuple):
    """A pipeline parameter that a run may be asked for with."""

    name: str
    type: str  # Integer, Float, String or Boolean
    values: tuple[str, ...] = ()  # that it takes; empty for all of its type
    most: int = 0  # of a count, which is at least 1; 0 where there is no bound


class Pipeline(NamedTuple):
    """One of a model's pipelines, as it was published."""

    name: str
    version: int | None
    parameters: dict[str, str]  # that the publication overrides
    askable: tuple[Askable, ...] = ()  # empty where an earlier release published it: then nothing
    measuring: tuple[str, ...] = ()  # steps that ask what serves about new rows; empty of an earlier release


class Model(NamedTuple):
    """A published model."""

    name: str
    title: str
    data: Data
    automatic: bool  # approves itself
    deadline_s: int  # seconds that a reviewer has
    deployment: dict[str, Any]
    pipeline: Pipeline  # that trains
    package_group: str
    model_sha256: str
    code_sha256: str
    large_data: Mapping[str, Any] = {}  # instances for a run on much data
    parallel_steps: int = 0  # that a run has going at a time at most; 0 for all that are ready
    scoring_type: str = "ml.m5.large"  # the instances on which its versions answer files
    tuned_pipeline: Pipeline | None = None  # that searches hyperparameters and trains; of models with ranges
    tunes: bool = False  # where a run does not say
    owner: str = ""  # who answers for it; "" where the model file does not say
    gate: tuple[Mapping[str, Any], ...] = ()  # the model file's limits
    review: Mapping[str, Any] = {}  # "reviewers", how many are "needed", and who is "not_by"; empty: whoever may
    retrain: Mapping[str, Any] = {}  # when runs begin, as the model file says; empty: with each batch of uploads
    serving_role_arn: str = ""  # of endpoint and batch transforms; "" where an earlier release published it
    instances: Mapping[str, Any] = {}  # the model file's
    split: Mapping[str, Any] = {}  # the model file's
    quotas_too_low: tuple[Mapping[str, Any], ...] = ()  # that publishing found: "quota", its "value", what is "needed"

    @property
    def mode(self) -> str:
        """How it is deployed: realtime, serverless or batch."""
        return str(self.deployment.get("mode") or "realtime")

    @staticmethod
    @strict
    def parse(text: bytes | str) -> "Model":
        """From the published JSON."""
        document = json.loads(text)
        model = document["model"]
        approval, instances = model.get("approval") or {}, model.get("instances") or {}
        tuned = document.get("tuned_pipeline") or {}
        return Model(
            name=model["name"],
            title=model.get("title") or model["name"],
            data=_data(model),
            automatic=approval.get("mode", "manual") == "automatic",
            deadline_s=int(approval.get("deadline_s") or 604_800),
            deployment=dict(model.get("deployment") or {}),
            pipeline=_pipeline(document["pipeline"], document.get("parameters")),
            package_group=document["package_group"],
            model_sha256=document["model_sha256"],
            code_sha256=document["code_sha256"],
            large_data=_large_data(instances),
            parallel_steps=int(instances.get("parallel_steps") or 0),
            scoring_type=_scoring_type(model.get("deployment") or {}, instances),
            tuned_pipeline=_pipeline(tuned, tuned.get("parameters")) if tuned else None,
            tunes=bool(document.get("tunes")),
            owner=model.get("owner") or "",
            gate=tuple(model.get("gate") or ()),
            review=_review(approval),
            retrain=dict(model.get("retrain") or {}),
            serving_role_arn=document.get("serving_role_arn") or "",
            instances=dict(instances),
            split=dict(model.get("split") or {}),
            quotas_too_low=tuple(document.get("quotas_too_low") or ()),
        )

    def chosen(self, asked: Mapping[str, str]) -> tuple[Pipeline, dict[str, str]]:
        """The pipeline that a run takes, and what it sets of its parameters: ``Tuning`` is on or off, and is none."""
        if self.tuned_pipeline is None:
            return self.pipeline, dict(asked)
        tunes = asked.get(TUNING, "on" if self.tunes else "off") == "on"
        own = {name: value for name, value in asked.items() if name != TUNING}
        return self.tuned_pipeline if tunes else self.pipeline, own

    def pipeline_of(self, name: str) -> Pipeline:
        """The pipeline of that name: the one that tunes, or the one that does not."""
        tuned = self.tuned_pipeline
        return tuned if tuned is not None and tuned.name == name else self.pipeline


def _review(approval: dict[str, Any]) -> dict[str, Any]:
    """Who is asked by name; nothing where the model file names nobody."""
    if not approval.get("reviewers"):
        return {}
    needed, not_by = int(approval.get("needed") or 1), str(approval.get("not_by") or "")
    return {"reviewers": list(approval["reviewers"]), "needed": needed, "not_by": not_by}


def _pipeline(found: dict[str, Any], parameters: dict[str, Any] | None) -> Pipeline:
    overrides = {name: str(value) for name, value in (parameters or {}).items()}
    askable = (
        Askable(one["Name"], one["Type"], tuple(map(str, one.get("EnumValues") or ())), int(one.get("Maximum") or 0))
        for one in found.get("askable") or ()
    )
    measuring = tuple(map(str, found.get("measuring") or ()))
    return Pipeline(found["name"], found.get("version_id"), overrides, tuple(askable), measuring)


def _large_data(instances: dict[str, Any]) -> dict[str, Any]:
    """Read the instances for a run on much data; a model that was published under the former names keeps them."""
    former = instances.get("larger") or {}
    return instances.get("large_data") or ({"over_mb": former["above_mb"]} | former if former else {})


def _scoring_type(deployment: dict[str, Any], instances: dict[str, Any]) -> str:
    """An endpoint's instance type may be none for transform jobs; of a model without one it is theirs."""
    own = deployment.get("instance_type")
    chosen = own if deployment.get("mode") == "batch" else instances.get("transform")
    return str(chosen or own or Model._field_defaults["scoring_type"])


def _data(model: dict[str, Any]) -> Data:
    data = model["data"]
    known = data.get("classes") or [data.get("positive_label"), data.get("negative_label")]
    required = [data.get("id"), *(data.get("columns") or {}), data["target"]]
    columns = tuple(dict.fromkeys(name for name in required if name))
    return Data(
        target=data["target"],
        id=data.get("id") or "",
        labels=tuple(str(label) for label in known) if None not in known else (),
        missing=tuple(str(mark) for mark in data.get("missing") or []),
        columns=columns,
        append=data.get("mode", "append") == "append",
        kinds=_kinds(data),
        checks=model.get("checks") or {},
        drop_rows_without_target=data.get("without_target") == "drop",
        sensitive=bool(data.get("sensitive")),
        log=data.get("target_transform") == "log",
        beside=_beside(model, {*columns, *(data.get("derived") or {})}),
    )


def _beside(model: dict[str, Any], known: Collection[str]) -> tuple[str, ...]:
    """The columns that only the split and fairness read; none of those that are ``known`` otherwise, or derived."""
    by = (model.get("split") or {}).get("by")
    read = [
        *(model["data"].get("group") or ()),
        *([by] if by else ()),
        *(model.get("fairness") or {}).get("columns", ()),
    ]
    return tuple(dict.fromkeys(name for name in read if name not in known))


def _kinds(data: dict[str, Any]) -> dict[str, Kind]:
    """A column is its kind, or a mapping with marks of its own for what is missing."""
    kinds = {}
    for name, given in (data.get("columns") or {}).items():
        rule = given if isinstance(given, dict) else {"kind": given}
        marks = rule.get("missing", data.get("missing") or [])
        kinds[name] = Kind(
            rule["kind"] == "number", frozenset(map(str, marks)), NumberFormat.parse(rule.get("number_format"))
        )
    return kinds
