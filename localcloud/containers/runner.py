"""Runs a command inside an already imported Python exactly as ``python3 script args`` would; anything else is exec'ed.

Used in a forked child only: it changes sys.argv, sys.path and __main__ for good.
"""

from __future__ import annotations

import atexit
import io
import os
import re
import runpy
import sys
import threading
import traceback
import types
from collections.abc import Callable
from pathlib import Path

PYTHON = re.compile(r"python(3(\.\d+)?)?")


def run(command: list[str]) -> int:
    """Run ``command`` and answer its exit code; a command that is not Python's replaces this process."""
    task = _python_task(command)
    if task is None:
        os.execvpe(command[0], command, os.environ)  # noqa: S606 - the job's own entrypoint
    return call(task)


def call(task: Callable[[], object]) -> int:
    """Call ``task`` as the interpreter calls the main module: SystemExit is a code, a traceback goes to stderr."""
    try:
        task()
        code = 0
    except SystemExit as exit_:
        code = _exit_code(exit_)
    except BaseException:  # noqa: BLE001 - as the interpreter itself does
        _print_traceback()
        code = 1
    return _finish(code)


def forget_ourselves() -> None:
    """Leave no trace of this package for the user's code to import."""
    root = Path(__file__).parents[2]
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != root]
    for name in [name for name in sys.modules if name.partition(".")[0] == "localcloud"]:
        del sys.modules[name]


def fresh_streams() -> None:
    """Python's own standard streams over file descriptors 1 and 2, line by line."""
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for number, name in ((1, "stdout"), (2, "stderr")):
        raw = open(number, "wb", buffering=0, closefd=False)  # noqa: SIM115
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _python_task(command: list[str]) -> Callable[[], object] | None:
    if not PYTHON.fullmatch(Path(command[0]).name) and Path(command[0]).suffix != ".py":
        return None
    rest = command if Path(command[0]).suffix == ".py" else command[1:]
    while rest and rest[0] in ("-u", "-B"):
        rest = rest[1:]
    if not rest or (rest[0].startswith("-") and rest[0] not in ("-c", "-m")):
        command[:] = [sys.executable, *rest]
        return None
    if rest[0] == "-c":
        return lambda: _main_module(rest[1], ["-c", *rest[2:]], "", None)
    if rest[0] == "-m":
        return lambda: _module(rest[1:])
    return lambda: _script(rest)


def _script(argv: list[str]) -> None:
    path = Path(argv[0])
    if not path.is_file():
        print(f"python3: can't open file '{path}': [Errno 2] No such file or directory", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    source = path.read_bytes()
    _main_module(source, argv, str(path.resolve().parent), str(path))


def _module(argv: list[str]) -> None:
    sys.argv = argv
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


def _main_module(source: str | bytes, argv: list[str], folder: str, file: str | None) -> None:
    sys.argv = argv
    sys.path.insert(0, folder)
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    if file is not None:
        main.__dict__["__file__"] = file
    sys.modules["__main__"] = main
    exec(compile(source, file or "<string>", "exec"), main.__dict__)  # noqa: S102


def _print_traceback() -> None:
    kind, error, trace = sys.exc_info()
    here = __file__
    while trace is not None and trace.tb_frame.f_code.co_filename == here:
        trace = trace.tb_next
    if sys.excepthook is sys.__excepthook__:
        traceback.print_exception(kind, error, trace, file=sys.stderr)
    elif kind is not None and error is not None:
        sys.excepthook(kind, error, trace)


def _exit_code(exit_: SystemExit) -> int:
    if exit_.code is None:
        return 0
    if isinstance(exit_.code, int):
        return exit_.code & 0xFF
    print(exit_.code, file=sys.stderr)  # noqa: T201
    return 1


def _finish(code: int) -> int:
    threading._shutdown()  # type: ignore[attr-defined]  # waits for the non-daemon threads, as the interpreter does
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 120  # as the interpreter: it could not flush
    return code
