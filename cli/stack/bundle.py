"""The functions' deployment package, as ``sam build`` makes it, from what is installed here.

No network is needed, and the same files give the same bytes.
"""

import hashlib
import io
import re
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from cli.errors import UserError

EPOCH = (1980, 1, 1, 0, 0, 0)
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def functions_zip(folder: Path) -> tuple[str, bytes]:
    """sha256 and bytes of a zip of ``folder`` and of the distributions that its requirements.txt names, with theirs.

    Raises:
        UserError: when a requirement is not pinned, or is installed here in another version.
    """
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if _ships(path)}
    for name in sorted(_closure(_required(folder / "requirements.txt"))):
        for entry in distribution(name).files or []:
            path = Path(str(entry.locate()))
            if _ships(path) and not entry.as_posix().startswith(".."):
                files.setdefault(entry.as_posix(), path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in sorted(files.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return hashlib.sha256(buffer.getvalue()).hexdigest(), buffer.getvalue()


def _ships(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _required(requirements: Path) -> set[str]:
    """Names pinned in ``requirements``, each checked against what is installed."""
    names: set[str] = set()
    for line in requirements.read_text().splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "--")):
            continue
        match = REQUIREMENT.match(line.strip())
        if match is None:
            raise UserError(f"{requirements}: '{line.strip()}' is not pinned; write name==version")
        name, version = match.groups()
        try:
            installed = distribution(name).version
        except PackageNotFoundError:
            installed = "not installed"
        if installed != version:
            raise UserError(
                f"{requirements}: {name}=={version} is required, here it is {installed}; run `make .venv/.local`"
            )
        names.add(name)
    return names


def _closure(names: set[str]) -> set[str]:
    """``names`` and all that they need unconditionally (extras and other platforms left out)."""
    closure: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in closure:
            continue
        closure.add(name)
        unconditional = [need for need in distribution(name).requires or [] if ";" not in need]
        todo.extend(re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0] for need in unconditional)
    return closure
