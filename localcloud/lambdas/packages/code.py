"""Where a function's code lies: its package and layers, unpacked once per content, and the runtime's own folder."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import lzma
import os
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from struct import error as StructError  # noqa: N812 - struct has no other name for it

from moto.awslambda.exceptions import LambdaClientError

# What AWS's Python runtime folder holds besides the standard library.
# Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
RUNTIME_MODULES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
MOST_UNPACKED_BYTES = 262_144_000  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# What zipfile and its decompressors raise of bytes that mean nothing, besides BadZipFile.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
    StructError, OverflowError,
)  # fmt: skip
_unpacking = threading.Lock()


class InvalidPackage(LambdaClientError):  # type: ignore[misc]
    """A package that cannot be unzipped, told to whoever invokes its function.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (InvalidZipFileException)
    """

    code = 502

    def __init__(self, why: str) -> None:
        super().__init__("InvalidZipFileException", f"Lambda could not unzip the deployment package: {why}")


def runtime_folder(root: Path) -> Path:
    """A folder with the runtime's modules and nothing else of this environment."""
    folder = root / "runtime"
    folder.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_MODULES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise RuntimeError(f"{name} is not installed: Lambda functions cannot run without it")
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        link = folder / source.name
        if not link.is_symlink() or link.resolve() != source.resolve():
            link.unlink(missing_ok=True)
            link.symlink_to(source)
    return folder


def held_once(archive: bytes, others: Iterable[bytes]) -> bytes:
    """The one among ``others`` that equals ``archive``, else ``archive``: the functions of a stack share a package."""
    return next((other for other in others if other == archive), archive)


def unpacked(archive: bytes, root: Path) -> Path:
    """The folder with the archive's files, made on first need."""
    folder = root / hashlib.sha256(archive).hexdigest()[:32]
    with _unpacking:
        if not folder.exists():
            root.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(prefix="unpacking-", dir=root))
            try:
                _extract(archive, part)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


def _extract(archive: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            size = sum(member.file_size for member in file.infolist())  # zipfile reads no more than is said
            if size >= MOST_UNPACKED_BYTES:
                raise InvalidPackage(f"unzipped size must be smaller than {MOST_UNPACKED_BYTES} bytes, and is {size}")
            for member in file.infolist():
                _extract_member(file, member, folder)
    except _UNREADABLE as error:
        raise InvalidPackage(str(error)) from error


def _extract_member(file: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Lay out one file, inside the folder whatever its name says; a link becomes a file with its target's name."""
    path = Path(file.extract(member, folder))
    mode = member.external_attr >> 16 & 0o700  # the owner's bits: nobody else reads a state folder
    if mode and path.is_file():
        os.chmod(path, mode | 0o600)
