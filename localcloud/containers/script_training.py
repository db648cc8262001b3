"""Script mode: fetch the user's code, run the program that the hyperparameters name with the others as arguments.

Source: https://github.com/aws/sagemaker-training-toolkit
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlparse

from localcloud import archives
from localcloud.containers import requirements, runner
from localcloud.containers.hyperparameters import decoded


def main() -> None:
    """Run one script-mode training; ends as the script ends."""
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    given = json.loads((root / "input" / "config" / "hyperparameters.json").read_text())
    values = {name: decoded(text) for name, text in given.items()}
    program, source = values["sagemaker_program"], values.get("sagemaker_submit_directory")
    code = root / "code"
    if source:
        _fetch(str(source), code)
    if not (code / program).is_file():
        sys.exit(f"sagemaker_program {program} is not in {source or code}")
    os.chdir(code)
    requirements.install(code)
    runner.forget_ourselves()
    arguments = json.loads(os.environ["SM_USER_ARGS"])
    command = [str(code / program), *arguments] if program.endswith(".py") else ["/bin/sh", program, *arguments]
    sys.exit(runner.run(command))


def _fetch(source: str, folder: Path) -> None:
    if not source.startswith("s3://"):
        return
    import boto3

    parts = urlparse(source)
    body = boto3.client("s3").get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read()
    archives.extract(body, folder)
