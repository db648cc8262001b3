"""A process's own /opt/ml, by mount namespace: scripts that name the folder outright see their own job's.

Linux only. As root a mount namespace suffices; otherwise a user namespace comes first. Where the kernel grants neither
(macOS, or an AppArmor profile that forbids it) the view is NONE: then the environment and the command carry the
job folder's real path (``SAGEMAKER_BASE_DIR``).
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

OPT_ML = "/opt/ml"

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
PR_SET_PDEATHSIG = 1


class View(StrEnum):
    """How a process comes to its own /opt/ml."""

    MOUNT = "mount namespace"
    USER = "user and mount namespace"
    NONE = "paths in the environment"


def probe() -> View:
    """The strongest view that this machine grants, found by trying it in a child; call from a single thread."""
    if not sys.platform.startswith("linux"):
        return View.NONE
    wanted = (View.MOUNT, View.USER) if os.geteuid() == 0 else (View.USER,)
    return next((view for view in wanted if _works(view)), View.NONE)


def enter(view: View, folder: Path) -> None:
    """Make ``folder`` this process's /opt/ml. The process must have one thread only.

    Raises:
        OSError: the kernel refuses.
    """
    if view is View.NONE:
        return
    uid, gid = os.geteuid(), os.getegid()
    if view is View.USER:
        _call("unshare", CLONE_NEWUSER | CLONE_NEWNS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    else:
        _call("unshare", CLONE_NEWNS)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    if not Path(OPT_ML).is_dir():
        _make_room()
    _mount(str(folder), OPT_ML, None, MS_BIND | MS_REC)


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to signal this process when its parent ends (Linux; elsewhere nothing)."""
    if sys.platform.startswith("linux"):
        _libc().prctl(PR_SET_PDEATHSIG, signal_number)


def _make_room() -> None:
    """A tmpfs over /opt that holds what /opt holds, and a place for ml."""
    host = os.open("/opt", os.O_PATH | os.O_DIRECTORY)
    _mount("tmpfs", "/opt", "tmpfs", 0)
    for entry in os.scandir(f"/proc/self/fd/{host}"):
        here = Path("/opt", entry.name)
        if entry.is_symlink():
            here.symlink_to(os.readlink(entry.path))
            continue
        if stat.S_ISDIR(entry.stat().st_mode):
            here.mkdir()
        else:
            here.touch()
        _mount(entry.path, str(here), None, MS_BIND | MS_REC)
    os.close(host)
    Path(OPT_ML).mkdir()


def _works(view: View) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "seen").touch()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                enter(view, Path(folder))
                code = 0 if Path(OPT_ML, "seen").exists() else 1
            except OSError:
                code = 1
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *args: int) -> None:
    if getattr(_libc(), name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    as_bytes = [os.fsencode(text) if text is not None else None for text in (source, target, kind)]
    if _libc().mount(*as_bytes, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} on {target}: {os.strerror(number)}")
