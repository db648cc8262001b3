"""The write-ahead journal: the changes since the last snapshot, each written before its request is answered.

A record is its length, its checksum and its bytes. Nothing is synced: what a process has written, the system has. Where
the process was killed within a record, the file ends there, and its request was not answered.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = struct.Struct("!II")  # length, checksum
NAME = re.compile(r"journal\.(\d+)")


class Journal:
    """The files ``journal.<n>`` of a folder; records are appended to the last one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self.number = max(self._numbers(), default=0)
        self.size_bytes = sum(self._path(number).stat().st_size for number in self._numbers())

    def _numbers(self) -> list[int]:
        found = [NAME.fullmatch(path.name) for path in self._folder.glob("journal.*")]
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self._folder / f"journal.{number}"

    def begin(self, about: Mapping[str, Any]) -> int:
        """Append to a new file from now on; its number."""
        self.end()
        self.number += 1
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path(self.number), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._write(json.dumps(about).encode() + b"\n")
        return self.number

    def add(self, record: bytes) -> None:
        """Append a record."""
        self._write(HEAD.pack(len(record), zlib.crc32(record)) + record)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            raise RuntimeError("the journal has not begun")
        self.size_bytes += len(data)
        while data:
            data = data[os.write(self._file, data) :]

    def records(self, since: int) -> Iterator[bytes]:
        """The records of the files from number ``since`` on, in order."""
        for number in self._numbers():
            if number >= since:
                yield from _records(self._path(number).read_bytes())

    def forget(self, before: int) -> None:
        """Remove the files before number ``before``: a snapshot contains their changes."""
        for number in self._numbers():
            if number < before:
                self.size_bytes -= self._path(number).stat().st_size
                self._path(number).unlink()

    def end(self) -> None:
        """Write no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _records(data: bytes) -> Iterator[bytes]:
    at = data.find(b"\n") + 1
    while at and at + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, at)
        record = data[at + HEAD.size : at + HEAD.size + length]
        if len(record) < length or zlib.crc32(record) != checksum:
            return
        yield record
        at += HEAD.size + length
