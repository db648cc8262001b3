"""Model archives: unpacked with suspicion, packed so that equal contents are equal bytes."""

import ast
import gzip
import io
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from job.refusals import Refused

from artifact import layout

MAX_BYTES = 4 * 1024**3
MAX_MEMBERS = 1_000
MAX_NAME = 255  # bytes: a file system has room for a folder's beside it
MAX_HEADERS = 1 << 16  # bytes of one member's: long names and attributes come before the name they give


class _Counted(io.RawIOBase):
    """Bytes of which whoever reads them has so many ``left``: tarfile reads a header whole, as long as it says to be,
    before anybody can judge it. What is passed over costs nothing.
    """

    def __init__(self, content: gzip.GzipFile) -> None:
        self._content, self.left = content, MAX_HEADERS

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end.

        Raises:
            tarfile.TarError: there are not so many left to be read.
        """
        if not 0 <= size <= self.left:
            raise tarfile.ReadError(f"a member's headers are longer than {MAX_HEADERS:,} bytes, or it than it says")
        found = self._content.read(size)
        self.left -= len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Pass over what lies between."""
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        """How far it is from the beginning."""
        return self._content.tell()


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a model.tar.gz into ``folder``.

    Raises:
        Refused: when it is no tar.gz, holds links, devices or names that leave ``folder``, or is too large.
    """
    if not archive.is_file():
        raise Refused(f"{archive}: there is no such file; it is what a training job leaves")
    try:
        with gzip.open(archive) as unzipped:
            _unpack_members(archive, _Counted(unzipped), folder)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise Refused(f"{archive}: one name is a file and a folder; it was not unpacked") from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError) as error:
        raise Refused(f"{archive}: not a readable model.tar.gz ({error})") from error


def _unpack_members(archive: Path, content: _Counted, folder: Path) -> None:
    with tarfile.open(fileobj=content, mode="r:") as tar:
        total = 0
        for count, member in enumerate(tar, 1):
            total += member.size
            _refuse_unsafe(archive, member, count, total)
            content.left = member.size
            _unpack_member(tar, member, folder)
            content.left = MAX_HEADERS


def _refuse_unsafe(archive: Path, member: tarfile.TarInfo, count: int, total: int) -> None:
    path = PurePosixPath(member.name)
    plain = member.isdir() or (member.isreg() and path.parts)
    if path.is_absolute() or ".." in path.parts or not plain:
        raise Refused(f"{archive}: holds {member.name!r}, which is not a plain file inside it; it was not unpacked")
    if len(member.name.encode(errors="replace")) > MAX_NAME:
        raise Refused(f"{archive}: a name is longer than {MAX_NAME} bytes; it was not unpacked")
    if count > MAX_MEMBERS or total > MAX_BYTES or member.size < 0:
        raise Refused(f"{archive}: more than {MAX_MEMBERS} files or {MAX_BYTES >> 30} GiB; it was not unpacked")


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        return
    path = folder.joinpath(*PurePosixPath(member.name).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)


def pack(files: Mapping[str, bytes], archive: Path) -> None:
    """Write ``files`` (name -> content) as a tar.gz without times or owners: same contents, same bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            tar.addfile(member, io.BytesIO(files[name]))


def code_of(program: Path) -> dict[str, bytes]:
    """Collect a program and the modules beside it that it imports, directly or not, by their names in an archive.

    This is all the code that travels: whatever a container's program needs comes with it, and nothing else does.
    """
    root = program.parent
    sources: dict[str, bytes] = {}
    waiting = [program]
    while waiting:
        path = waiting.pop()
        name = f"{layout.CODE}/{path.relative_to(root).as_posix()}"
        if name in sources:
            continue
        sources[name] = path.read_bytes()
        waiting += [module for imported in _imports(sources[name]) for module in _files_of(imported, root)]
    return sources


def _files_of(module: str, root: Path) -> list[Path]:
    """List the files that importing ``module`` runs: the packages around it, and itself; none for what is not ours."""
    parts = module.split(".")
    packages = [root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    return [path for path in (*packages, root.joinpath(*parts).with_suffix(".py")) if path.is_file()]


def _imports(source: bytes) -> set[str]:
    """List what ``source`` may import; ``from package import name`` may mean a module or a value of one."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
