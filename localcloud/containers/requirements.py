"""``requirements.txt`` beside a script: installed for its job, as AWS's toolkits do, and kept for the next one.

What this machine's Python has in a version that fits is used as it is; the rest goes to a folder of its own.

Source: https://github.com/aws/sagemaker-training-toolkit (modules.py) and
https://github.com/aws/sagemaker-inference-toolkit (utils.py)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

FILE = "requirements.txt"
CACHE = "LOCALCLOUD_PACKAGES"


def install(code: Path) -> None:
    """Make what ``code``'s requirements.txt names importable in this process and its children.

    Raises:
        SystemExit: pip cannot install it; pip's own words are in the log.
    """
    cache = Path(os.environ.pop(CACHE, "") or Path(tempfile.gettempdir()) / "localcloud-packages")
    file = code / FILE
    if not file.is_file():
        return
    missing = [line for line in lines_of(file.read_text()) if not is_there(line)]
    if not missing:
        _say(f"{FILE}: this machine's Python has it all")
        return
    folder = cache / _key(code, missing)
    if not folder.is_dir():
        _install(code, missing, folder)
    _say(f"{FILE}: {', '.join(missing)} (for this job, beside this machine's Python)")
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def lines_of(text: str) -> list[str]:
    """The lines that ask for something, without comments."""
    found = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in found if line and not line.startswith("#")]


def is_there(line: str) -> bool:
    """Whether this Python has what a line asks for (an option or a path: never)."""
    try:
        asked = Requirement(line)
        if asked.marker is not None and not asked.marker.evaluate():
            return True
        return not asked.url and asked.specifier.contains(metadata.version(asked.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False


def _install(code: Path, lines: list[str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        target, asked = Path(made, "site"), Path(made, FILE)
        asked.write_text("\n".join(lines))
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
                   "--target", str(target), "-r", str(asked)]  # fmt: skip
        if subprocess.run(command, cwd=code, env=_environment(), check=False).returncode:
            sys.exit(f"InstallRequirementsError: pip cannot install {', '.join(lines)}")
        if not folder.is_dir():
            shutil.move(target, folder)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PIP_TARGET"}


def _key(code: Path, lines: list[str]) -> str:
    """Of the lines, the files beside them that may be meant, and this Python."""
    digest = hashlib.sha256(repr((lines, sys.version_info[:2])).encode())
    for path in sorted(code.rglob("*")):
        if path.suffix in (".whl", ".gz", ".zip") and path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the job's log
