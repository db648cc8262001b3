"""What a long-lived process holds of memory that it does not use."""

from __future__ import annotations

import ctypes
import sys

# Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
TRIM_BYTES = 128 << 10


def give_back() -> None:
    """Let glibc keep one arena, and return what is free at its end: each thread that answers gets an arena of its own
    otherwise, which keeps what its largest request took. Nothing happens with another C library.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc is not None and hasattr(libc, "mallopt") and hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
