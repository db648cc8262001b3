"""The record of each run: its frozen plan, verdict, timeline and end. ``MODEL#<model>/RUN#<run>``."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.decide.rules import RunStatus, iso, model_of_run
from app.ledger.batches import Batches, File, now
from app.ledger.table import Item, Write


class RunRecord(NamedTuple):
    """What is known about a run."""

    id: str
    model: str
    status: RunStatus
    execution_arn: str  # of the state machine; the latest, when a late decision began another
    verdict: dict[str, Any] | None = None  # {"passed", "metrics", "reasons", "champion"}
    version: int | None = None
    package_arn: str | None = None
    pipeline_execution_arn: str | None = None
    endpoint: str | None = None
    transform: str | None = None  # the batch transform job that its version is tried in, where it has no endpoint
    reasons: list[str] = []
    timeline: list[dict[str, str]] = []  # [{"at": ISO, "what"}]
    files: list[dict[str, Any]] = []  # the uploads of the run's own batch
    rows: int | None = None
    plan: dict[str, Any] | None = None
    warnings: list[dict[str, str]] = []  # what the data checks say of its uploads
    outputs: dict[str, str] = {}  # "evaluation", "verification": S3 URIs


class Runs(Batches):
    """The runs of all models."""

    def note(self, run: str, what: str, **facts: Any) -> Item:
        """Set facts of a run and add ``what`` to its timeline, once however often it is said in one execution."""
        pk, sk = f"MODEL#{model_of_run(run)}", f"RUN#{run}"
        entry = {"at": iso(now()), "what": what}
        told = "attribute_exists(pk) AND (attribute_not_exists(#told) OR NOT contains(#told, :what))"
        noted = Write(
            pk, sk, set=facts, append={"timeline": entry}, add={"told": {what}}, condition=told, given={"what": what}
        )
        item = self.write(noted)
        if item is None and facts:
            item = self.write(Write(pk, sk, set=facts, condition="attribute_exists(pk)"))
        return item or {}

    def begin_deployment(self, run: str, execution_arn: str) -> None:
        """A late decision about a run's version started an execution of its own; its story may repeat itself."""
        pk, sk = f"MODEL#{model_of_run(run)}", f"RUN#{run}"
        begun = Write(
            pk,
            sk,
            set={"execution_arn": execution_arn, "status": str(RunStatus.DEPLOYING)},
            remove=("told", "reasons"),
            condition="attribute_exists(pk) AND #execution_arn <> :execution_arn",
        )
        self.write(begun)

    def finish(self, run: str, execution: str, status: RunStatus, reasons: tuple[str, ...]) -> bool:
        """Write the end that ``execution`` (ARN) came to; False when it is written, or another overtook it."""
        finished = Write(
            f"MODEL#{model_of_run(run)}",
            f"RUN#{run}",
            set={"status": str(status), "reasons": list(reasons), "finished_by": execution},
            append={"timeline": {"at": iso(now()), "what": str(status)}},
            condition="attribute_exists(pk) AND #execution_arn = :finished_by "
            "AND (attribute_not_exists(#finished_by) OR #finished_by <> :finished_by)",
        )
        return self.write(finished) is not None

    def own_version(self, run: str, version: int) -> None:
        """Remember which run registered a version. One of the same number, of a registry that was cleaned up since, is
        forgotten with whatever it did.
        """
        owned = Write(
            f"MODEL#{model_of_run(run)}",
            f"VERSION#{version:08d}",
            set={"run": run},
            remove=("failed",),
            condition="attribute_not_exists(#run) OR #run <> :run",
        )
        self.write(owned)

    def run_of_version(self, model: str, version: int) -> str:
        """The run that registered a version; "" when none of ours did."""
        return str((self.get(f"MODEL#{model}", f"VERSION#{version:08d}") or {}).get("run", ""))

    def fail_version(self, model: str, version: int, why: str) -> None:
        """This version did not go into service; it is not tried again until it is decided upon again."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", set={"failed": why}))

    def forgive_version(self, model: str, version: int) -> None:
        """A fresh approval clears the mark."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", remove=("failed",)))

    def failed_versions(self, model: str) -> set[int]:
        """Versions that went wrong."""
        found = self.query(f"MODEL#{model}", "VERSION#", "VERSION#~")
        return {int(item["sk"].partition("#")[2]) for item in found if "failed" in item}

    # What clients read

    def record(self, run: str) -> RunRecord | None:
        """One run without its files."""
        item = self.get(f"MODEL#{model_of_run(run)}", f"RUN#{run}")
        return _record(item) if item else None

    def files_of_run(self, run: str, append: bool) -> list[File]:
        """What a run trains on: the accepted uploads of its batch, or of the newest before where it has none, and with
        ``append`` all before; oldest first.
        """
        item = self.get(f"MODEL#{model_of_run(run)}", f"RUN#{run}")
        if item is None:
            return []
        return self.files(item["model"], self.newest_batch(item["model"], item["batch"]), append)

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its files."""
        item = self.get(f"MODEL#{model_of_run(run_id)}", f"RUN#{run_id}")
        if item is None:
            return None
        item["files"] = [file._asdict() for file in self.files(item["model"], item["batch"], append=False)]
        return _record(item)

    def runs(self, model: str | None = None) -> list[RunRecord]:
        """Runs without their files, newest first."""
        names = self.models() if model is None else [model]
        found = [_record(item) for name in names for item in self.query(f"MODEL#{name}", "RUN#", "RUN#~", True)]
        return sorted(found, key=lambda run: run.id.rsplit("-", 2)[1:], reverse=True) if model is None else found

    def refused(self, model: str | None = None) -> list[dict[str, Any]]:
        """Uploads in quarantine with ``message``, newest first."""
        names = self.models() if model is None else [model]
        found: list[dict[str, Any]] = []
        for name in names:
            found += (_public(item) for item in self.query(f"MODEL#{name}", "REFUSED#", "REFUSED#~", True))
        return sorted(found, key=lambda refusal: refusal["at"], reverse=True)

    def models(self) -> list[str]:
        """Names under which anything ever arrived."""
        return list(self._names())

    def _names(self) -> Iterator[str]:
        yield from (item["model"] for item in self.query("MODELS", "!", "~"))


def _record(item: Item) -> RunRecord:
    known = {name: item[name] for name in RunRecord._fields if item.get(name) is not None}
    return RunRecord(**known | {"status": RunStatus(item["status"])})


def _public(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}
