"""The checksums that S3 knows, with their sizes in bytes. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache

SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
LARGEST_IN_PYTHON = 1 << 20  # bytes; the two that no library here calculates are looked at up to this size
_POLYNOMIALS = {"CRC32C": 0x82F63B78, "CRC64NVME": 0x9A6C9329AC4BC9B5}  # reflected
_FAST: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}


def calculated(name: str, body: bytes) -> bytes | None:
    """A body's checksum; None where it would take too long to calculate."""
    if name in _FAST:
        return _FAST[name](body)
    return None if len(body) > LARGEST_IN_PYTHON else _slow(name, body)


def _slow(name: str, body: bytes) -> bytes:
    table, size = _table(name), SIZES[name]
    every = (1 << 8 * size) - 1
    found = every
    for byte in body:
        found = table[(found ^ byte) & 0xFF] ^ (found >> 8)
    return (found ^ every).to_bytes(size, "big")


@cache
def _table(name: str) -> list[int]:
    polynomial, table = _POLYNOMIALS[name], []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    return table
