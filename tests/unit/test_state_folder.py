"""The folder of a local cloud: whose it is, who reads it, and when it is emptied."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from cli.demo import loop as demo
from cli.errors import UserError
from cli.stack.local import server
from cli.stack.target import running
from localcloud import archives
from localcloud.front import state_folder
from localcloud.front.state_folder import MARK, NotOurs

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A folder with a user's file in it."""
    (tmp_path / "thesis").mkdir(mode=0o755)
    (tmp_path / "thesis" / "chapter.md").write_text("mine")
    return tmp_path / "thesis"


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_is_taken_and_marked_and_is_its_owners_alone(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "a" / "state"
    if there:
        folder.mkdir(mode=0o755, parents=True)

    state_folder.take(folder)

    assert contents(folder) == {MARK}
    assert (mode(folder), mode(folder / MARK)) == (0o700, 0o600)
    assert contents(tmp_path / "a") == {"state"}


def test_a_folder_with_somebodys_files_is_not_taken(users: Path) -> None:
    with pytest.raises(NotOurs, match="thesis holds what no local cloud put there: name a new folder, or an empty one"):
        state_folder.take(users)

    assert (contents(users), mode(users)) == ({"chapter.md"}, 0o755)


def test_a_folder_of_an_older_local_cloud_goes_on_and_is_never_taken_for_one_that_was_made_here(users: Path) -> None:
    (users / "server.lock").write_text("")

    state_folder.take(users)

    assert contents(users) == {"chapter.md", "server.lock"}
    assert mode(users) == 0o700
    with pytest.raises(NotOurs):
        state_folder.empty(users)


def test_a_folder_of_another_user_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state_folder.take(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)

    with pytest.raises(NotOurs, match="belongs to another user"):
        state_folder.take(tmp_path)


def test_only_a_marked_folder_is_emptied(users: Path) -> None:
    with pytest.raises(UserError, match="thesis was not made here, so it is not emptied"):
        server.fresh_folder(users)

    assert contents(users) == {"chapter.md"}


def test_a_marked_folder_is_emptied_and_stays_marked_and_nothing_beyond_a_link_is_touched(
    tmp_path: Path, users: Path
) -> None:
    folder = tmp_path / "state"
    state_folder.take(folder)
    (folder / "jobs" / "one").mkdir(parents=True)
    (folder / "jobs" / "one" / "log").write_text("x")
    (folder / "server.log").write_text("x")
    (folder / "linked").symlink_to(users)

    server.fresh_folder(folder)

    assert contents(folder) == {MARK, "server.lock"}
    assert mode(folder / "server.lock") == 0o600
    assert contents(users) == {"chapter.md"}


def test_a_folder_that_a_local_cloud_lives_in_is_not_emptied(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    state_folder.take(folder)
    (folder / "server.log").write_text("x")
    lock = state_folder.lock(folder)
    assert lock is not None

    with lock, pytest.raises(UserError, match="not emptied: a local cloud lives in it"):
        server.fresh_folder(folder)

    assert "server.log" in contents(folder)
    assert not state_folder.is_used(folder)


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", '{"pid": 1, "port": 4566, "url": "http://127.0.0.1:4566"}'])
def test_what_a_killed_local_cloud_left_is_no_running_one(tmp_path: Path, said: str) -> None:
    state_folder.take(tmp_path)
    (tmp_path / "server.json").write_text(said)
    (tmp_path / "server.lock").write_text("")

    assert running(tmp_path) is None
    assert server.stop(tmp_path) is False


@pytest.mark.parametrize("said", ["[]", "{}", '{"pid": "x", "url": 7}'])
def test_what_is_no_description_is_no_running_one_even_where_the_lock_is_held(tmp_path: Path, said: str) -> None:
    state_folder.take(tmp_path)
    (tmp_path / "server.json").write_text(said)
    lock = state_folder.lock(tmp_path)
    assert lock is not None

    with lock:
        assert running(tmp_path) is None


@pytest.mark.parametrize(("said", "found"), [(0o644, 0o600), (0o755, 0o700), (0o777, 0o700), (0o000, 0o600)])
def test_what_an_archive_brings_is_its_owners_alone(tmp_path: Path, said: int, found: int) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.mode = said
        tar.addfile(member)

    archives.extract(packed.getvalue(), tmp_path)

    assert mode(tmp_path / "code" / "inference.py") == found


def test_what_would_leave_its_folder_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../beside"))

    with pytest.raises(tarfile.TarError):
        archives.extract(packed.getvalue(), tmp_path / "folder")


def test_the_demo_takes_a_folder_of_its_own_or_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = demo.free_state()
    state_folder.take(before)
    (before / "server.log").write_text("of the last time")
    again = demo.free_state()
    (before / MARK).unlink()

    beside_somebodys = demo.free_state()

    assert [path.name for path in (before, again, beside_somebodys)] == ["demo", "demo", "demo-2"]


def test_make_clean_removes_what_was_made_here_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    home = tmp_path / ".retrain"
    for name in ("state", "demo", "data"):
        state_folder.take(home / name)
        (home / name / "deep").mkdir()
        (home / name / "deep" / "file").write_text("x")
    (home / "up").write_text("state")
    (home / "mine").mkdir()
    (home / "mine" / "notes").write_text("x")

    cleaned = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert cleaned.returncode == 0, cleaned.stderr
    assert "left: .retrain, which holds what was not made here" in cleaned.stdout
    assert contents(home) == {"mine"}
    assert contents(home / "mine") == {"notes"}
    (home / "mine" / "notes").unlink()
    (home / "mine").rmdir()
    state_folder.take(home / "state")
    again = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "left" not in again.stdout
    assert not home.exists()
