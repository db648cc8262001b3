"""What was judged is what is deployed: Read verdict keeps it, and whoever uses it compares first."""

from typing import Any

from app.aws import data_bucket, model_registry, object_versions
from app.decide.names.bucket_keys import document_uri, report_uri, split_uri
from app.decide.names.statuses import Approval
from app.decide.protection.judged_content import (
    CHANGED,
    REPORT,
    VERIFICATION,
    Judged,
    JudgedObject,
    StoredVersion,
    copy_uri,
    describe_change,
    describe_gone_copy,
    describe_other_report,
    describe_package_change,
    judged_specification,
    kept_containers,
    parts,
)
from app.decide.records import RunRecord
from app.decide.run_plans import Outputs
from app.errors import ArtifactChanged, NoVerdict, UnknownVersion
from app.ledger import ledger

OPTIONAL = ("profile", REPORT)  # scripts of one's own may make none


def keep(model: str, run: str, outputs: Outputs, record: RunRecord | None = None) -> Judged:
    """Copy what a version's verdict is about to where no job may write. What was kept of it before is kept as it is:
    whoever reads a verdict may die once that is written, and the registry may name the copies by then.

    Raises:
        NoVerdict: a part of it is not there.
    """
    if record and record.judged and record.package_arn == outputs.package_arn:
        return Judged.of(record.judged)
    containers = model_registry.package(outputs.package_arn).containers
    evaluation = document_uri(outputs.evaluation, "evaluation.json")
    verification = document_uri(outputs.verification, "verification.json")
    found = (_kept(model, run, part, uri) for part, uri in parts(containers, evaluation, verification).items() if uri)
    return Judged(containers, tuple(one for one in found if one))


def _kept(model: str, run: str, part: str, uri: str) -> JudgedObject | None:
    found = object_versions.newest(uri)
    if found is None and part not in OPTIONAL:
        raise NoVerdict(f"{uri}, the {part} of run {run}, is not there")
    if found is None:
        return None
    copy = copy_uri(split_uri(uri)[0], model, run, part, uri)
    made = object_versions.copy(uri, found, copy)
    return JudgedObject(part, uri, found.version_id, copy, made.version_id, made.sha256, made.etag)


def register(run: str, what: str, package_arn: str, judged: Judged) -> None:
    """Have the registry name the copies, so that whoever deploys the version from there by hand gets what was judged.
    ``what`` the timeline says of the verdict, which was written before.

    Only while it waits for a decision: of an update the registry tells the last only, and who decided is whoever made
    that. A version that names something else than was judged is left as it is, for Deploy to find.
    """
    if judged.registered:
        return
    package = model_registry.package(package_arn)
    if package.containers == judged.containers and package.status is Approval.PENDING:
        if why := _name_copies(package, judged):
            ledger().append_timeline(run, f"the registry goes on naming what the pipeline wrote: {why}")
            return
    elif package.containers != kept_containers(judged):
        return
    ledger().update_run(run, what, judged=judged._replace(registered=True).document)


def _name_copies(package: model_registry.Package, judged: Judged) -> str:
    """Why the registry does not name them; "" where it does, as it says when it is asked: a request that it takes
    without a change would look like somebody's edit to whoever deploys.
    """
    if why := model_registry.set_specification(package.arn, judged_specification(judged, package.specification)):
        return why
    named = model_registry.package(package.arn).containers
    return "" if named == kept_containers(judged) else f"it took another name, and says {list(named)}"


def of_run(run: str) -> Judged:
    """What the run's verdict is about; nothing of one that was judged before content was kept."""
    record = ledger().record(run)
    return Judged.of(record.judged if record else {})


def containers_to_deploy(model: str, version: int, run: str, package_arn: str) -> tuple[dict[str, Any], ...]:
    """The containers of a version, with the artifacts that were judged.

    Raises:
        ArtifactChanged: registry or bucket hold something else by now; the version is marked.
        UnknownVersion: the run is older than the keeping of content.
    """
    judged = of_run(run)
    if not judged.objects:
        raise UnknownVersion(
            f"nothing was kept of what run {run} judged, so nobody knows whether version {version} is still that;"
            f" begin another run on the same data: retrain start {model}"
        )
    require_unchanged(model, version, judged)
    if why := describe_package_change(judged, model_registry.package(package_arn).containers):
        raise _changed(model, version, why)
    return kept_containers(judged)


def require_unchanged(model: str, version: int, judged: Judged) -> None:
    """Compare what the pipeline wrote, and the copies, with what was judged. What was written may be gone by now.

    Raises:
        ArtifactChanged: something is another object; the version is marked.
    """
    for one in judged.objects:
        found = object_versions.newest(one.uri)
        if found and (why := describe_change(one.uri, StoredVersion(one.version_id), found)):
            raise _changed(model, version, why)
    _require_copies(model, version, judged.objects)


def report(record: RunRecord, most_bytes: int) -> str | None:
    """The report of a run, as it lay there when its verdict was read; None where it is larger than ``most_bytes``.

    Raises:
        Gone: there is none.
        ArtifactChanged: a job wrote another one since.
    """
    uri = report_uri(record.outputs["evaluation"])
    found = data_bucket.read_text(uri, most_bytes)
    if why := describe_other_report(Judged.of(record.judged), uri, found.version_id):
        raise ArtifactChanged(f"{CHANGED}: {why}")
    return found.text


def require_live_unchanged(model: str, version: int) -> None:
    """Compare the copies that answer for a version that serves with what was judged.

    Its held-out records answer nothing, and may have been erased: it serves on, and is not deployed again.

    Raises:
        ArtifactChanged: one is another object; the version is marked.
    """
    run = ledger().run_of_version(model, version)
    judged = of_run(run) if run else Judged()
    _require_copies(model, version, tuple(one for one in judged.objects if one.part != VERIFICATION))


def _require_copies(model: str, version: int, objects: tuple[JudgedObject, ...]) -> None:
    for one in objects:
        was, found = StoredVersion(one.kept_version_id, one.kept_sha256), object_versions.newest(one.kept)
        if why := describe_change(one.kept, was, found) if found else describe_gone_copy(model, one):
            raise _changed(model, version, why)


def _changed(model: str, version: int, why: str) -> ArtifactChanged:
    """Mark the version: it is no candidate any more, and what was verified before comes back."""
    told = f"{CHANGED}: {why}"
    ledger().record_failure(model, version, told)
    return ArtifactChanged(told)
