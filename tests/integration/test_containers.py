"""The warm process and what it forks: as the interpreter would, each with its own /opt/ml, or told where it is."""

from __future__ import annotations

import os
import signal
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.containers.launcher import Launcher
from localcloud.containers.sandbox import View
from localcloud.containers.tasks import Running, Task

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    started = Launcher()
    yield started
    started.close()


def finish(running: Running) -> tuple[list[str], int | None]:
    lines = [line for chunk in running.chunks() for line in chunk]
    return lines, running.wait()


def run(launcher: Launcher, folder: Path, *command: str, **env: str) -> tuple[list[str], int | None]:
    return finish(launcher.start(Task(folder, env, command)))


def script(folder: Path, text: str) -> Path:
    path = folder / "work.py"
    path.write_text(textwrap.dedent(text))
    return path


def test_a_script_runs_as_the_interpreter_would_run_it(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 'beside'")
    script(
        tmp_path,
        """
        import atexit, os, pickle, sys, threading, time
        import beside
        class Thing: pass
        atexit.register(lambda: print("at exit"))
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
        print(__name__, __file__, sys.argv, sys.path[0], beside.WORD)
        print(type(pickle.loads(pickle.dumps(Thing()))).__name__, "localcloud" in sys.modules)
        print(sorted(name for name in os.environ if name not in ("PATH", "HOME", "TMPDIR", "TZ")))
        """,
    )
    os.environ["SECRET_OF_THE_SERVER"] = "1"

    lines, code = run(launcher, tmp_path, "python3", "-u", "/opt/ml/work.py", "--x", "1", MINE="1")

    del os.environ["SECRET_OF_THE_SERVER"]
    assert lines[0] == "__main__ /opt/ml/work.py ['/opt/ml/work.py', '--x', '1'] /opt/ml beside"
    assert lines[1] == "Thing False"
    assert "SECRET_OF_THE_SERVER" not in lines[2]
    assert "MINE" in lines[2]
    assert lines[3:] == ["thread", "at exit"]
    assert code == 0


def test_a_jobs_home_is_a_folder_of_its_own(launcher: Launcher, tmp_path: Path) -> None:
    opt_ml = tmp_path / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    script(opt_ml, "import pathlib; pathlib.Path.home().joinpath('cache').write_text('x'); print(pathlib.Path.home())")

    lines, code = run(launcher, opt_ml, "python3", "/opt/ml/work.py")

    assert (lines, code) == ([str(tmp_path / "opt" / "home")], 0)
    assert (tmp_path / "opt" / "home" / "cache").read_text() == "x"


def test_a_traceback_shows_the_script_and_nothing_of_what_ran_it(launcher: Launcher, tmp_path: Path) -> None:
    script(tmp_path, "def f():\n    raise KeyError('x')\nf()\n")

    lines, code = run(launcher, tmp_path, "python3", "/opt/ml/work.py")

    assert code == 1
    assert lines[0] == "Traceback (most recent call last):"
    assert [line.strip() for line in lines if "File " in line] == [
        'File "/opt/ml/work.py", line 3, in <module>',
        'File "/opt/ml/work.py", line 2, in f',
    ]
    assert lines[-1] == "KeyError: 'x'"


@pytest.mark.parametrize(
    ("command", "lines", "code"),
    [
        (("python3", "-c", "import sys; sys.exit('bad')"), ["bad"], 1),
        (("python3", "-c", "exit(300 % 256)"), [], 44),
        (
            ("python3", "/opt/ml/none.py"),
            ["python3: can't open file '/opt/ml/none.py': [Errno 2] No such file or directory"],
            2,
        ),
        (("sh", "-c", "echo hi; exit 7"), ["hi"], 7),
        (("python3", "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"), [], -15),
        (("python3", "-m", "json.tool", "--help"), None, 0),
    ],
)
def test_ends_are_told_as_they_are(
    launcher: Launcher, tmp_path: Path, command: tuple[str, ...], lines: list[str] | None, code: int
) -> None:
    found, ended = run(launcher, tmp_path, *command)

    assert ended == code
    assert lines is None or found == lines


def test_xgboost_trains_in_forks_side_by_side(launcher: Launcher, tmp_path: Path) -> None:
    script(
        tmp_path,
        """
        import numpy as np, xgboost as xgb
        rows = np.random.default_rng(1).random((5000, 10))
        model = xgb.train({"nthread": 2, "objective": "binary:logistic"}, xgb.DMatrix(rows, rows[:, 0] > 0.5), 10)
        print(model.num_boosted_rounds())
        """,
    )
    started = [launcher.start(Task(tmp_path, {}, ("python3", "/opt/ml/work.py"))) for _ in range(3)]

    assert [finish(running) for running in started] == [(["10"], 0)] * 3


def test_without_a_namespace_paths_are_rewritten_and_the_base_folder_is_told(tmp_path: Path) -> None:
    plain = Launcher(View.NONE)
    script(tmp_path, "import os, sys\nprint(sys.argv[1], os.environ['SM_MODEL_DIR'], os.environ['SAGEMAKER_BASE_DIR'])")
    try:
        lines, code = run(plain, tmp_path, "python3", "/opt/ml/work.py", "/opt/ml/x", SM_MODEL_DIR="/opt/ml/model")
    finally:
        plain.close()

    assert (lines, code) == ([f"{tmp_path}/x {tmp_path}/model {tmp_path}"], 0)


def test_a_warm_process_that_died_is_replaced_and_takes_its_children_along(tmp_path: Path) -> None:
    mortal = Launcher()
    slow = mortal.start(Task(tmp_path, {}, ("python3", "-c", "import time; print('up', flush=True); time.sleep(60)")))
    assert next(slow.chunks()) == ["up"]
    assert mortal.process_id is not None
    os.kill(mortal.process_id, signal.SIGKILL)

    ended = slow.wait(10)
    lines, code = run(mortal, tmp_path, "python3", "-c", "print('again')")

    mortal.close()
    assert ended == -signal.SIGKILL
    assert (lines, code) == (["again"], 0)


def test_a_signal_reaches_a_child_that_has_just_been_forked(launcher: Launcher, tmp_path: Path) -> None:
    for _ in range(30):
        running = launcher.start(Task(tmp_path, {}, ("python3", "-c", "import time; time.sleep(30)")))
        running.signal(signal.SIGTERM)

        assert running.wait(10) == -signal.SIGTERM
