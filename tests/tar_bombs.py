"""Archives of a few bytes that ask for all memory, as many files as there are, or no end: written by hand, header by
header, since nobody's tools write such.
"""

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping

MIB = 1 << 20


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    """One header of a tar, whatever follows it."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def packed(blocks: Iterator[bytes]) -> bytes:
    """Blocks of a tar with its end, as a tar.gz."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1) as file:
        for block in blocks:
            file.write(block)
        file.write(bytes(1024))
    return target.getvalue()


def _long(kind: bytes, size: int) -> Iterator[bytes]:
    """A header that has a header of ``size`` before it."""
    yield header("././@LongLink", size, kind)
    for _ in range(size // MIB):
        yield b"a" * MIB
    yield header("x")


def _chain(kind: bytes, length: int, content: bytes) -> Iterator[bytes]:
    for _ in range(length):
        yield header("././@LongLink", len(content), kind)
        yield content.ljust(-(-len(content) // 512) * 512, b"\0")
    yield header("x")


def _sparse(blocks: int) -> Iterator[bytes]:
    """A sparse file whose map goes on and on."""
    first = bytearray(header("x", 0, tarfile.GNUTYPE_SPARSE))
    first[482] = 1  # it goes on
    first[148:156] = b" " * 8
    first[148:156] = b"%06o\0 " % sum(first)
    yield bytes(first)
    for _ in range(blocks):
        yield (b"00000000001\0" * 42)[:504] + b"\1" + bytes(7)


def _sized(size: int) -> Iterator[bytes]:
    yield header("x", size)
    yield bytes(512)


def _attributes(count: int) -> bytes:
    return b"".join(_record(f"{number:05}", "v") for number in range(count))


def _record(key: str, value: str) -> bytes:
    said = f" {key}={value}\n".encode()
    return str(len(said) + 2).encode() + said


def _negative() -> Iterator[bytes]:
    made = bytearray(header("x"))
    made[124:136] = b"\xff" * 10 + b"\xfe\x00"
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made)
    yield bytes(made)


BOMBS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "a long name": lambda: _long(tarfile.GNUTYPE_LONGNAME, 32 * MIB),
    "a long target of a link": lambda: _long(tarfile.GNUTYPE_LONGLINK, 32 * MIB),
    "long attributes": lambda: _long(tarfile.XHDTYPE, 32 * MIB),
    "long attributes of all": lambda: _long(tarfile.XGLTYPE, 32 * MIB),
    "names of names": lambda: _chain(tarfile.GNUTYPE_LONGNAME, 5000, b"a"),
    "attributes of attributes": lambda: _chain(tarfile.XHDTYPE, 500, _attributes(1000)),
    "a map of a sparse file without end": lambda: _sparse(20_000),
    "a size below nothing": _negative,
    "more than there is": lambda: _sized(MIB),
    "30,000 empty files": lambda: (header(f"{number % 100}/{number}") for number in range(30_000)),
}


def bomb(name: str) -> bytes:
    """One of them as a tar.gz."""
    return packed(BOMBS[name]())
