"""The record of each run: its frozen plan, verdict, timeline and end. ``MODEL#<model>/RUN#<run>``."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.decide.names.resource_names import model_of_run
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso, iso
from app.decide.records import RunRecord
from app.ledger.batches import Batches, File, now
from app.ledger.table import Item, Write

FAILURE = ("failed", "failed_at", "attempts")  # what a version's record says of one


class Runs(Batches):
    """The runs of all models."""

    def append_timeline(self, run: str, what: str) -> bool:
        """Append ``what`` happened to a run's timeline; whether it is new. Idempotent within one execution of the
        machine.
        """
        return self.update_run(run, what)

    def update_run(self, run: str, what: str, **facts: Any) -> bool:
        """Set facts of a run and append ``what`` to its timeline, in one write; whether ``what`` is new. Idempotent
        within one execution: what is on the timeline is not appended again, the facts are set all the same.
        """
        return bool(self._update(run, what, facts, "attribute_exists(pk)", {}))

    def set_status(self, run: str, execution: str, status: RunStatus, what: str, **facts: Any) -> bool:
        """Set a run's status, and append ``what`` to its timeline, in one write, unless another execution (ARN) than
        ``execution`` has the run by now; whether that is not so. "" is whichever has it.
        """
        open_ = "attribute_exists(pk) AND (attribute_not_exists(#finished_by) OR #finished_by <> #execution_arn)"
        held = f"{open_} AND #execution_arn = :holder" if execution else open_
        given = {"holder": execution} if execution else {}
        return self._update(run, what, {"status": str(status)} | facts, held, given) is not None

    def _update(self, run: str, what: str, facts: Item, condition: str, given: Item) -> bool | None:
        """Set facts and append ``what``; True where it is new, False where the timeline has it, None where the
        condition does not hold.
        """
        pk, sk = f"MODEL#{model_of_run(run)}", f"RUN#{run}"
        appended = Write(
            pk,
            sk,
            set=facts,
            append={"timeline": {"at": iso(now()), "what": what}},
            add={"timeline_keys": {what}},
            condition=f"{condition} AND (attribute_not_exists(#timeline_keys) OR NOT contains(#timeline_keys, :what))",
            given=given | {"what": what},
        )
        if self.write(appended) is not None:
            return True
        known = Write(pk, sk, set=facts, condition=condition, given=given)
        return False if facts and self.write(known) is not None else None

    def finish(self, run: str, execution: str, status: RunStatus, reasons: tuple[str, ...]) -> bool:
        """Write the end that ``execution`` (ARN) came to. Idempotent: False when it is written, or another execution
        overtook this one.
        """
        end = Write(
            f"MODEL#{model_of_run(run)}",
            f"RUN#{run}",
            set={"status": str(status), "reasons": list(reasons), "finished_by": execution},
            append={"timeline": {"at": iso(now()), "what": str(status)}},
            condition="attribute_exists(pk) AND #execution_arn = :finished_by "
            "AND (attribute_not_exists(#finished_by) OR #finished_by <> :finished_by)",
        )
        return self.write(end) is not None

    def record_version_run(self, run: str, version: int) -> None:
        """Record the run that registered this version, replacing a stale record after a registry clean-up."""
        change = Write(
            f"MODEL#{model_of_run(run)}",
            f"VERSION#{version:08d}",
            set={"run": run},
            remove=("failed", "failed_at", "stray_told", "verdict_requests"),
            condition="attribute_not_exists(#run) OR #run <> :run",
        )
        self.write(change)

    def run_of_version(self, model: str, version: int) -> str:
        """The run that registered a version; "" when none of ours did."""
        return str((self.get(f"MODEL#{model}", f"VERSION#{version:08d}") or {}).get("run", ""))

    def mark_stray_told(self, model: str, version: int) -> None:
        """Record that people know of a version that was approved and that no run judged."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", set={"stray_told": iso(now())}))

    def verdict_requests(self, model: str, version: int) -> list[datetime]:
        """When it was requested that the verdict of the run be read that registered a version."""
        item = self.get(f"MODEL#{model}", f"VERSION#{version:08d}") or {}
        return [from_iso(entry["at"]) for entry in item.get("verdict_requests", [])]

    def note_verdict_request(self, model: str, version: int, at: datetime) -> None:
        """Record one more request."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", append={"verdict_requests": {"at": iso(at)}}))

    def record_failure(self, model: str, version: int, why: str) -> None:
        """Mark a version as failed: it is no candidate for the desired version until it is approved again."""
        failed = {"failed": why, "failed_at": iso(now())}
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", set=failed))

    def clear_failure(self, model: str, version: int) -> None:
        """Remove the mark of a failed version, and what was tried."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", remove=FAILURE))

    def clear_older_failure(self, model: str, version: int, approved_at: str, *, is_new: bool) -> None:
        """Remove the mark of a version that failed before it was approved (ISO), and what was tried. Idempotent, as
        whoever recorded a new approval may have died before this; a later failure stays.
        """
        older = "#failed_at < :approved_at"
        condition = f"attribute_not_exists(#failed_at) OR {older}" if is_new else older
        pk, sk, given = f"MODEL#{model}", f"VERSION#{version:08d}", {"approved_at": approved_at}
        self.write(Write(pk, sk, remove=FAILURE, condition=condition, given=given))

    def mark_erased(self, model: str, version: int) -> None:
        """Record that the held-out records of a version are deleted: it cannot be verified any more."""
        self.write(Write(f"MODEL#{model}", f"VERSION#{version:08d}", set={"erased": iso(now())}))

    def versions(self, model: str) -> dict[int, Item]:
        """What is known about each version: the ``run`` that registered it, why it ``failed``, ``attempts`` so far,
        when its held-out records were ``erased``.
        """
        items = self.query(f"MODEL#{model}", "VERSION#", "VERSION#~")
        return {int(item["sk"].partition("#")[2]): item for item in items}

    def failed_versions(self, model: str) -> set[int]:
        """Versions that are marked as failed."""
        return {version for version, known in self.versions(model).items() if "failed" in known}

    def erased_versions(self, model: str) -> set[int]:
        """Versions whose held-out records were erased."""
        return {version for version, known in self.versions(model).items() if "erased" in known}

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

    def accepted_before(self, run: str) -> list[Item]:
        """Every upload that was accepted up to a run's batch; what the bucket holds decides which count."""
        item = self.get(f"MODEL#{model_of_run(run)}", f"RUN#{run}")
        return self.accepted(item["model"], item["batch"]) if item else []

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its files."""
        item = self.get(f"MODEL#{model_of_run(run_id)}", f"RUN#{run_id}")
        if item is None:
            return None
        item["files"] = [file._asdict() for file in self.files(item["model"], item["batch"], append=False)]
        return _record(item)

    def starters(self, run: str) -> set[str]:
        """Who started a run, as they claim: who asked for it, and who uploaded what it began with, or what runs before
        it did that its model's policy held back.
        """
        item = self.get(f"MODEL#{model_of_run(run)}", f"RUN#{run}") or {}
        batches = [item["batch"], *self._held_back_before(item)] if "batch" in item else []
        files = [file for batch in batches for file in self.files(item["model"], batch, append=False)]
        return {name for name in (str(item.get("requested_by", "")), *(file.by for file in files)) if name}

    def _held_back_before(self, item: Item) -> Iterator[int]:
        """The batches of the runs just before one that were held back: their uploads count in it."""
        runs = self.query(f"MODEL#{item['model']}", "RUN#", f"RUN#{item['id']}", newest_first=True, page=5)
        for earlier in (one for one in runs if one["id"] != item["id"]):
            if earlier["status"] != RunStatus.NOT_DUE:
                return
            yield int(earlier["batch"])

    def runs(self, model: str | None = None) -> list[RunRecord]:
        """Runs without their files, newest first."""
        names = self.models() if model is None else [model]
        records = [_record(item) for name in names for item in self.query(f"MODEL#{name}", "RUN#", "RUN#~", True)]
        return sorted(records, key=lambda run: run.id.rsplit("-", 2)[1:], reverse=True) if model is None else records

    def newest_runs(self, model: str) -> Iterator[RunRecord]:
        """Runs of a model without their files, newest first, read as they are asked for."""
        return (_record(item) for item in self.query(f"MODEL#{model}", "RUN#", "RUN#~", True, page=25))

    def refused(self, model: str | None = None) -> list[dict[str, Any]]:
        """Uploads in quarantine with ``message``, newest first."""
        names = self.models() if model is None else [model]
        refusals: list[dict[str, Any]] = []
        for name in names:
            refusals += (_without_key(item) for item in self.query(f"MODEL#{name}", "REFUSED#", "REFUSED#~", True))
        return sorted(refusals, key=lambda refusal: refusal["at"], reverse=True)

    def models(self) -> list[str]:
        """Names under which anything ever arrived, in whatever script: an upload may name any folder."""
        return [item["model"] for item in self.partition("MODELS")]

    def models_with_runs(self) -> list[str]:
        """Names of models of which a run ever began: an upload to a folder of no model begins none."""
        return [name for name in self.models() if self.has(f"MODEL#{name}", "RUN#", "RUN#~")]


def deploying(run: str, execution_arn: str) -> Write:
    """The change of a run that a later execution deploys: that one writes its end, and its timeline may repeat."""
    return Write(
        f"MODEL#{model_of_run(run)}",
        f"RUN#{run}",
        set={"execution_arn": execution_arn, "status": str(RunStatus.DEPLOYING)},
        remove=("timeline_keys", "reasons"),
        condition="attribute_exists(pk)",
    )


def _record(item: Item) -> RunRecord:
    facts = {name: item[name] for name in RunRecord._fields if item.get(name) is not None}
    return RunRecord(**facts | {"status": RunStatus(item["status"])})


def _without_key(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}
