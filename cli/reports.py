"""The report of a version, fetched from where its evaluation lies."""

import webbrowser
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.registry import versions
from cli.target import Target


@dataclass(frozen=True)
class Report:
    """A report on this machine."""

    model: str
    version: int
    path: str


def fetch(target: Target, model: str, version: int | None, folder: Path) -> Report:
    """Download report.html of ``version`` (None: the newest) into ``folder``.

    Raises:
        UserError: when there is no such version, or it has no report.
    """
    known = {int(package["ModelPackageVersion"]): package["ModelPackageArn"] for package in versions(target, model)}
    if not known:
        raise UserError(f"'{model}' has no version yet; upload data, and watch the run with `retrain watch {model}`")
    chosen = max(known) if version is None else version
    if chosen not in known:
        raise UserError(f"'{model}' has no version {chosen}; there are {', '.join(map(str, sorted(known)))}")
    described = target.client("sagemaker").describe_model_package(ModelPackageName=known[chosen])
    evaluation = described.get("CustomerMetadataProperties", {}).get("evaluation", "")
    bucket, _, key = evaluation.removeprefix("s3://").rpartition("/")[0].partition("/")
    path = folder / f"{model}-v{chosen}-report.html"
    try:
        body = target.client("s3").get_object(Bucket=bucket, Key=f"{key}/report.html")["Body"].read()
    except ClientError as error:
        raise UserError(f"version {chosen} of '{model}' has no report beside {evaluation}") from error
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return Report(model, chosen, str(path))


def show(report: Report) -> None:
    """Open the report in the user's browser."""
    webbrowser.open(Path(report.path).resolve().as_uri())
