"""What SageMaker tells a job, its folders and hosts, and the message that a failing job leaves.

Knows the folders, the hosts and the exit message; must not know what a job computes.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from job.refusals import Refused

MESSAGE_BYTES = 1024


def base_dir() -> Path:
    """Find the folder that SageMaker mounts for a job; ``SAGEMAKER_BASE_DIR`` moves it, as in AWS's own toolkits.

    Source: https://github.com/aws/sagemaker-containers/blob/master/src/sagemaker_containers/_env.py
    """
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def processing_dir(*parts: str) -> Path:
    """Find ``<base>/processing/<parts>``, where a processing job has its inputs and leaves its outputs."""
    return base_dir().joinpath("processing", *parts)


@dataclass(frozen=True)
class Hosts:
    """This instance among those of the job; ``names`` is sorted, so every instance sees the same order."""

    current: str
    names: tuple[str, ...]

    @property
    def index(self) -> int:
        """Count this instance among the others, from 0."""
        return self.names.index(self.current)

    @property
    def leads(self) -> bool:
        """Say whether this instance writes what is written once."""
        return self.index == 0


def hosts() -> Hosts:
    """Read the instances of this job; it is alone when there is no ``resourceconfig.json``.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
    """
    path = base_dir() / "config" / "resourceconfig.json"
    if not path.is_file():
        return Hosts("algo-1", ("algo-1",))
    config = json.loads(path.read_text("utf-8"))
    return Hosts(config["current_host"], tuple(sorted(config["hosts"])))


def read_json(folder: Path, what: str) -> Any:
    """Parse the one JSON file in ``folder`` (or the file itself).

    Raises:
        Refused: when there is none, more than one, or it does not parse.
    """
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.json"))
    if len(paths) != 1:
        raise Refused(f"{folder}: expected one JSON file, the {what}, and found {len(paths)}")
    try:
        return json.loads(paths[0].read_text("utf-8"))
    except ValueError as error:
        raise Refused(f"{paths[0]}: the {what} is not JSON ({error})") from error


def write_json(path: Path, document: Any) -> None:
    """Write ``document`` so that equal documents are equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def run(work: Callable[[], None]) -> None:
    """Run ``work``; if it is refused, leave the message where SageMaker looks for it and exit with 1.

    Any other error keeps its traceback: it is a fault of the script, not of the data.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-metadata.html
    """
    try:
        work()
    except Refused as refused:
        _leave_message(str(refused))
        sys.exit(1)


def _leave_message(message: str) -> None:
    print(message, file=sys.stderr)
    path = base_dir() / "output" / "message"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.encode("utf-8")[:MESSAGE_BYTES].decode("utf-8", "ignore").encode("utf-8"))
    except OSError as error:  # run by hand without rights to the base folder: stderr has said it already
        print(f"({path} could not be written: {error.strerror})", file=sys.stderr)
