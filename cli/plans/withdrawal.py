"""``retrain withdraw``: uploads are taken out of all runs that are planned from now on; with ``--erase`` every copy of
them, and every prepared output that holds rows of them, goes for good.

What a run's steps wrote lies at ``pipelines/<model>/<execution>/<step>/<output>/``: the outputs of ROWS hold rows,
those of NO_ROWS what was learnt or counted of them; a file named HASHES goes too, wherever it lies. Of what was judged
there are copies at ``judged/<model>/<run>/<part>/``: those of JUDGED_ROWS hold rows. What a trial of a version asked
lies at ``transforms/<model>/``. A version whose held-out records go is marked first, as nobody can verify it then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.decide.names.bucket_keys import dataset_object, parse_upload_key, quarantine_key
from app.decide.names.resource_names import transform_name
from app.decide.protection.judged_content import VERIFICATION
from app.ledger import RunRecord

from cli.errors import UserError
from cli.stack import registry, stored_objects
from cli.stack.serving import serving_version
from cli.stack.target import Target

ROWS = frozenset([
    "train", "validation", "dense_train", "dense_validation", "test", "records", "questions", "cleaned",
    "transformed", "verification", "champion-answers",
])  # fmt: skip
HASHES = "learnt.json"  # of rows that were learnt from: whoever has a row can look it up
NO_ROWS = frozenset(["features", "width", "evaluation", "package", "first", "last", "answers", "comparison"])
JUDGED_ROWS = frozenset([VERIFICATION])
JUDGED_NO_ROWS = frozenset(["artifact", "evaluation", "profile", "report"])  # learnt or counted
ERASED = frozenset(["incoming", "datasets", "quarantine", "pipelines", "judged", "transforms"])  # folders of the bucket
# Programs and counts; files that nobody learns from
KEPT = frozenset(["code", "config", "scoring", "scored", "captured", "labels", "labelled"])
UNFINISHED = ("Waiting", "Running")


@dataclass(frozen=True)
class Withdraw:
    """An accepted upload is learnt from no more."""

    model: str
    key: str
    version_id: str
    sort_key: str
    reason: str
    heading = "withdraw"

    @property
    def subject(self) -> str:
        """The object version."""
        return f"{self.key} (version {self.version_id})"


@dataclass(frozen=True)
class Erase:
    """All versions of an object are deleted for good."""

    bucket: str
    key: str
    heading = "delete for good"

    @property
    def subject(self) -> str:
        """The key."""
        return self.key


@dataclass(frozen=True)
class MarkErased:
    """A version is marked: the records that it would be verified with are erased."""

    model: str
    version: int
    heading = "deploy no more"

    @property
    def subject(self) -> str:
        """The version."""
        return f"{self.model} version {self.version}"


Change = Withdraw | Erase | MarkErased


@dataclass(frozen=True)
class Learnt:
    """A run that learnt from one of the uploads, and the version that it registered, if it did."""

    run: str
    status: str
    version: int | None
    execution: str  # id of the pipeline's execution; "" where none was started


def normalised(model: str, key: str) -> str:
    """The key of an upload that is named with or without its folder."""
    return key if key.startswith("incoming/") else f"incoming/{model}/{key}"


def withdrawals(target: Target, model: str, keys: Sequence[str], reason: str) -> list[Withdraw]:
    """Every accepted version of the uploads that is still learnt from.

    Raises:
        UserError: nothing of that name was ever accepted.
    """
    accepted = target.ledger().accepted(model, batch=99_999_999)
    known = {file["key"] for file in accepted}
    if unknown := [key for key in keys if key not in known]:
        some = ", ".join(sorted(known)[:5]) or "none yet"
        raise UserError(f"'{unknown[0]}' was never accepted for '{model}'; accepted are: {some}")
    why = f"{reason} ({datetime.now(UTC):%Y-%m-%d})"
    return [
        Withdraw(model, file["key"], file["version_id"], file["sk"], why)
        for file in accepted
        if file["key"] in keys and not file.get("withdrawn")
    ]


def learnt_from(target: Target, model: str, keys: Sequence[str]) -> list[Learnt]:
    """The runs whose data held one of the uploads, newest first."""
    bucket = target.outputs()["DataBucketName"]
    runs = [run for run in target.ledger().runs(model) if run.plan]
    return [
        Learnt(run.id, str(run.status), run.version, execution)
        for run in runs
        if not set(keys).isdisjoint(_sources(target, bucket, run))
        for execution in _executions(run)
    ]


def _sources(target: Target, bucket: str, run: RunRecord) -> set[str]:
    manifest = (run.plan or {})["parameters"]["InputData"].removeprefix(f"s3://{bucket}/")
    listed = stored_objects.json_at(target, bucket, manifest.removesuffix("manifest.json") + "sources.json") or []
    return {source["key"] for source in listed}


def _executions(run: RunRecord) -> list[str]:
    arns = [*run.earlier_pipelines, run.current_pipeline]
    return [arn.rsplit("/", 1)[-1] for arn in arns if arn] or [""]


def erasures(target: Target, model: str, keys: Sequence[str], learnt: Sequence[Learnt]) -> list[Change]:
    """Every object that holds the uploads, or rows that were prepared of them; before them the versions to mark.

    Raises:
        UserError: a run learns from one of them now.
    """
    if running := [one.run for one in learnt if one.status in UNFINISHED]:
        raise UserError(f"run {running[0]} learns from it now; withdraw it without --erase, and erase it when it ended")
    bucket = target.outputs()["DataBucketName"]
    accepted = target.ledger().accepted(model, batch=99_999_999)
    exact = set(keys) | {
        f"datasets/{model}/{dataset_object(file['key'], file['version_id'])}"
        for file in accepted
        if file["key"] in keys
    }
    for key in keys:
        refused = quarantine_key(*(parse_upload_key(key) or (model, key)))
        exact |= {refused, refused + ".reason.json"}
    found = [key for key in sorted(exact) if stored_objects.exists(target, bucket, key)]
    found += _prepared(target, bucket, model, learnt)
    versions = {one.version for one in learnt if one.version}
    marks = [MarkErased(model, version) for version in sorted(versions - target.ledger().erased_versions(model))]
    return [*marks, *(Erase(bucket, key) for key in dict.fromkeys(found))]


def _prepared(target: Target, bucket: str, model: str, learnt: Sequence[Learnt]) -> Iterator[str]:
    """The keys of what the runs, and the trials of their versions, made that holds rows."""
    for execution in {one.execution for one in learnt if one.execution}:
        yield from filter(holds_rows, stored_objects.keys_below(target, bucket, f"pipelines/{model}/{execution}/"))
    for run in {one.run for one in learnt}:
        yield from filter(judged_rows, stored_objects.keys_below(target, bucket, f"judged/{model}/{run}/"))
    versions = {one.version for one in learnt if one.version}
    trials = stored_objects.keys_below(target, bucket, f"transforms/{model}/") if versions else []
    yield from (key for key in trials if any(_is_trial(target, model, version, key) for version in versions))


def _is_trial(target: Target, model: str, version: int, key: str) -> bool:
    """Whether ``transforms/<model>/<job>/…`` is of a job that asked the version; a long job's name is cut."""
    job = key.split("/")[2]
    return job == transform_name(target.stack, model, version, job.rpartition("-")[2])


def judged_rows(key: str) -> bool:
    """Whether ``judged/<model>/<run>/<part>/…`` is the copy of a part that holds rows."""
    parts = key.split("/")
    return len(parts) > 4 and parts[3] in JUDGED_ROWS


def holds_rows(key: str) -> bool:
    """Whether ``pipelines/<model>/<execution>/<step>/<output>/…`` is of an output that holds rows, or their hashes."""
    parts = key.split("/")
    return len(parts) > 5 and (parts[4] in ROWS or parts[-1] == HASHES)


def versions_of(target: Target, model: str, learnt: Sequence[Learnt]) -> list[dict[str, Any]]:
    """The versions that learnt from the uploads, with what the registry says of each, and which serves."""
    status = {int(one["ModelPackageVersion"]): one["ModelApprovalStatus"] for one in registry.versions(target, model)}
    live = serving_version(target, model)
    return [
        {"version": version, "run": one.run, "status": status.get(version, "deleted"), "serves": version == live}
        for one in learnt
        if (version := one.version)
    ]


def learnt_text(model: str, versions: Sequence[dict[str, Any]]) -> str:
    """Which versions learnt from the uploads, for a person, and how to have one that did not."""
    if not versions:
        return f"no version of '{model}' learnt from it"
    lines = [
        f"  version {one['version']} ({one['status']}{', serves' if one['serves'] else ''}), of run {one['run']}"
        for one in versions
    ]
    remedy = f"`retrain start {model}` learns a version without it; `retrain reject {model} VERSION` takes one back"
    return "\n".join(["these versions learnt from it, and keep what they learnt:", *lines, remedy])


def execute(target: Target, changes: Sequence[Change]) -> Iterator[Change]:
    """Make the changes in their order, and yield each when it is made."""
    for change in changes:
        if isinstance(change, Withdraw):
            target.ledger().withdraw(change.model, change.sort_key, change.reason)
        elif isinstance(change, MarkErased):
            target.ledger().mark_erased(change.model, change.version)
        else:
            stored_objects.delete_for_good(target, change.bucket, change.key)
        yield change
