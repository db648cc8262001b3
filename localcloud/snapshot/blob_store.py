"""Large contents, each a file named by its hash: written once, however often they are recorded and saved."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_LATELY = 100
SHARED_BYTES = 8 << 20  # a function's package, which every function of a stack has


class BlobStore:
    """A folder of contents, and which of them were named since the last ``begin``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._named: set[str] = set()
        self._known: dict[tuple[str, int], str] = {}  # of S3 objects: names by ETag and size
        self._unsynced: set[str] = set()
        self._read: dict[str, bytes] | None = None
        self._lately: OrderedDict[int, tuple[bytes | str, str]] = OrderedDict()  # contents, held so that ids are theirs

    def keep(self, content: bytes) -> str:
        """Have a file of ``content``; its name."""
        name = hashlib.sha256(content).hexdigest()
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            unfinished.write_bytes(content)
            unfinished.rename(path)
            self._unsynced.add(name)
        self._named.add(name)
        return name

    def keep_part(self, content: bytes | str) -> str:
        """The same, for a part of something that is recorded again and again, such as a function's code."""
        lately = self._lately.get(id(content))
        if lately is None:
            data = content.encode(errors="surrogatepass") if isinstance(content, str) else content
            self._lately[id(content)] = lately = (content, self.keep(data))
            if len(self._lately) > MOST_LATELY:
                self._lately.popitem(last=False)
        self._named.add(lately[1])
        return lately[1]

    def known(self, etag: str, size_bytes: int) -> str | None:
        """The name of an S3 object's content that ``remember`` has heard of."""
        name = self._known.get((etag, size_bytes))
        if name is not None:
            self._named.add(name)
        return name

    def remember(self, etag: str, size_bytes: int, name: str) -> None:
        """An ETag follows from the content, so equal ones need not be read again."""
        self._known[etag, size_bytes] = name

    def read(self, name: str) -> bytes:
        """The content of this name.

        Raises:
            OSError: it is not there, or is not what was written.
        """
        if self._read is not None and name in self._read:
            return self._read[name]
        content = (self._folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != name:
            raise OSError(f"{self._folder / name} is damaged")
        if self._read is not None and len(content) <= SHARED_BYTES:
            self._read[name] = content
        return content

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within the block each content that is not very large is read once, and is one object for all who have it."""
        self._read = {}
        try:
            yield
        finally:
            self._read = None

    def begin(self) -> None:
        """A new save: nothing is named yet."""
        self._named = set()

    def sync(self) -> None:
        """Have what was written outlive the machine's power."""
        for name in self._unsynced & self._named:
            with (self._folder / name).open("rb") as file:
                os.fsync(file.fileno())
        self._unsynced = set()

    def sweep(self) -> None:
        """Remove the files that the last save did not name."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.name not in self._named:
                path.unlink()
        self._lately.clear()
        self._known = {about: name for about, name in self._known.items() if name in self._named}
