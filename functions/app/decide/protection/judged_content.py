"""What a verdict is about: the objects that were judged, the copies that are deployed, and what changed since. Pure.

An object version of S3 never changes, so equal versions are equal content. A copy is written where no job may write.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

import base64
from typing import Any, NamedTuple

from app.decide.names.bucket_keys import judged_uri

CHANGED = "Artifact changed after it was judged"
VERIFICATION = "verification"  # the part that holds rows: an upload's erasure deletes it
REPORT = "report"  # what a person reads who is asked about the version


class StoredVersion(NamedTuple):
    """The newest version of an object."""

    version_id: str
    sha256: str = ""  # base64, as S3 says it; "" where S3 keeps none of the whole object
    size_bytes: int = 0
    etag: str = ""  # without its quotation marks


class JudgedObject(NamedTuple):
    """One object as it was judged, and the copy of it that is deployed."""

    part: str  # artifact-1, evaluation, ...
    uri: str  # where the pipeline wrote it
    version_id: str
    kept: str  # URI of the copy
    kept_version_id: str
    kept_sha256: str = ""
    kept_etag: str = ""  # "" where an earlier release copied it


class Judged(NamedTuple):
    """All that a verdict is about."""

    containers: tuple[dict[str, Any], ...] = ()  # of the model package, as the pipeline registered it
    objects: tuple[JudgedObject, ...] = ()
    registered: bool = False  # the registry names the copies by now

    @staticmethod
    def of(document: dict[str, Any]) -> "Judged":
        """From a run's record; nothing of a run that was judged before content was kept."""
        objects = tuple(JudgedObject(**one) for one in document.get("objects", []))
        return Judged(tuple(document.get("containers", [])), objects, bool(document.get("registered")))

    @property
    def document(self) -> dict[str, Any]:
        """As a run's record keeps it."""
        objects = [one._asdict() for one in self.objects]
        return {"containers": list(self.containers), "objects": objects} | (
            {"registered": True} if self.registered else {}
        )

    def part(self, name: str) -> JudgedObject | None:
        """The object of that name."""
        return next((one for one in self.objects if one.part == name), None)


def parts(containers: tuple[dict[str, Any], ...], evaluation: str, verification: str) -> dict[str, str]:
    """What is kept of a version that passed: URIs by what they are. Profile and report, which reviewers read, are
    two only if they are there.
    """
    urls = [container["ModelDataUrl"] for container in containers if container.get("ModelDataUrl")]
    artifacts = {f"artifact-{number}": url for number, url in enumerate(dict.fromkeys(urls), start=1)}
    folder = evaluation.rpartition("/")[0]
    beside = {"profile": f"{folder}/profile.json", REPORT: f"{folder}/report.html"}
    return artifacts | {"evaluation": evaluation, VERIFICATION: verification} | beside


def describe_other_report(judged: Judged, uri: str, version_id: str) -> str:
    """What lies where a report was, by the id of its version, that is not the report that was judged; "" of the same,
    and of a run that an earlier release judged, or that registered nothing: nobody is asked about these.
    """
    report = judged.part(REPORT)
    if report is None or report.uri != uri or report.version_id == version_id:
        return ""
    return f"{uri} was version {report.version_id} and is version {version_id}"


def copy_uri(bucket: str, model: str, run: str, part: str, uri: str) -> str:
    """Where the copy of a judged object lies."""
    return judged_uri(bucket, model, run, f"{part}/{uri.rpartition('/')[2]}")


def describe_change(uri: str, was: StoredVersion, found: StoredVersion) -> str:
    """What is another object than the one that was judged; "" for the same content."""
    if found.version_id == was.version_id or (was.sha256 and found.sha256 == was.sha256):
        return ""
    return f"{uri} was version {was.version_id} and is version {found.version_id}"


def describe_gone_copy(model: str, one: JudgedObject) -> str:
    """That the copy of a judged object is gone, and of held-out records also why that may be, and what to do."""
    if one.part != VERIFICATION:
        return f"{one.kept} is gone"
    return (
        f"{one.kept} is gone: held-out records, which `retrain withdraw --erase` deletes with an upload that they may"
        f" come from. Without them nobody can verify the version; `retrain start {model}` learns another"
    )


def describe_package_change(judged: Judged, containers: tuple[dict[str, Any], ...]) -> str:
    """What the registry says of the version that it did not say when it was judged; "" where it says the same.

    It names the copies, once that was noted; whoever was to note it may have died before, and what it named first then
    counts, too.
    """
    copies = kept_containers(judged)
    if containers == copies or (containers == judged.containers and not judged.registered):
        return ""
    expected = copies if judged.registered else judged.containers
    return f"the model package names other containers: {list(containers)} instead of {list(expected)}"


def describe_other_package(judged: Judged, scored_sha256: str) -> str:
    """What is not the package that evaluation scored (SHA-256, hex; "" of a model of several containers, which it never
    had as one); "" where it is.
    """
    artifacts = [one for one in judged.objects if one.part.startswith("artifact-")]
    if not scored_sha256 or len(artifacts) != 1 or not artifacts[0].kept_sha256:
        return ""
    kept = base64.b64decode(artifacts[0].kept_sha256).hex()
    return "" if kept == scored_sha256 else f"{artifacts[0].uri} is not the package that evaluation scored"


def kept_containers(judged: Judged) -> tuple[dict[str, Any], ...]:
    """The judged containers, each with the copy of its artifact."""
    copies = {one.uri: one.kept for one in judged.objects}
    return tuple(
        container | {"ModelDataUrl": copies[container["ModelDataUrl"]]} if "ModelDataUrl" in container else container
        for container in judged.containers
    )


def judged_specification(judged: Judged, specification: dict[str, Any]) -> dict[str, Any]:
    """What the registry is to say of how the version is served: as it does, with the copies of its artifacts.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html
    (ModelDataETag: "The ETag associated with Model Data URL")
    """
    copies = {one.uri: one for one in judged.objects}
    containers = [_with_copy(one, copies.get(one.get("ModelDataUrl", ""))) for one in specification["Containers"]]
    return specification | {"Containers": containers}


def _with_copy(container: dict[str, Any], copy: JudgedObject | None) -> dict[str, Any]:
    if copy is None:
        return container
    others = {name: value for name, value in container.items() if name not in ("ModelDataSource", "ModelDataETag")}
    return others | {"ModelDataUrl": copy.kept} | ({"ModelDataETag": copy.kept_etag} if copy.kept_etag else {})
