"""Who is ended by ``retrain down``, and who reads what a local cloud keeps."""

from __future__ import annotations

import gc
import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud import CloudServer, eventually, start_cloud, stop_cloud

from cli.errors import UserError
from cli.stack.local import server


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the local cloud."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        assert process.poll() is None
        process.kill()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[CloudServer]:
    cloud = start_cloud(tmp_path / "state")
    yield cloud
    stop_cloud(cloud)


def description(cloud: CloudServer) -> dict[str, object]:
    return json.loads((cloud.state_dir / "server.json").read_text())


def tell(state_dir: Path, **about: object) -> None:
    (state_dir / "server.json").write_text(json.dumps(about))


def test_a_local_cloud_says_which_process_it_is(cloud_server: CloudServer) -> None:
    health, about = cloud_server.page("health"), description(cloud_server)

    assert health["pid"] == about["pid"] == cloud_server.process.pid
    assert health["start"] == about["start"]


def test_down_ends_the_local_cloud_of_the_folder(cloud: CloudServer) -> None:
    ended = server.stop(cloud.state_dir)

    assert ended
    assert cloud.process.wait(20) == 0
    assert not (cloud.state_dir / "server.json").exists()


def test_down_after_a_kill_ends_nobody_who_has_the_number_now(
    cloud: CloudServer, stranger: subprocess.Popen[bytes]
) -> None:
    about = description(cloud)
    cloud.process.send_signal(signal.SIGKILL)
    cloud.process.wait(20)
    tell(cloud.state_dir, **about | {"pid": stranger.pid})

    ended = server.stop(cloud.state_dir)

    assert not ended


def test_down_ends_nobody_whom_a_living_local_cloud_does_not_know(
    cloud: CloudServer, stranger: subprocess.Popen[bytes]
) -> None:
    about = description(cloud)
    others = [{"pid": stranger.pid}, {"start": "of another"}, {"url": "http://127.0.0.1:1"}]

    for other in others:
        tell(cloud.state_dir, **about | other)
        with pytest.raises(
            UserError, match=r"is in use, but not by what answers at .*: process \d+ may be any, and is "
        ):
            server.stop(cloud.state_dir)

    assert cloud.process.poll() is None


def test_the_next_local_cloud_forgets_what_a_killed_one_said(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    state_dir = tmp_path / "state"
    stop_cloud(start_cloud(state_dir))
    tell(state_dir, pid=stranger.pid, url="http://127.0.0.1:1")

    second = start_cloud(state_dir)
    about = description(second)
    stop_cloud(second)

    assert about["pid"] == second.process.pid


def test_what_a_local_cloud_keeps_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    cloud = start_cloud(tmp_path / "state", 0, "--keep")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        member = zipfile.ZipInfo("main.py")
        member.external_attr = 0o755 << 16
        package.writestr(member, "def handler(event, _):\n    print('hello')\n    return 1\n")
    role = cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    cloud.client("lambda").create_function(
        FunctionName="fn", Runtime="python3.11", Role=role, Handler="main.handler", Code={"ZipFile": archive.getvalue()}
    )
    cloud.client("lambda").invoke(FunctionName="fn")
    cloud.client("s3").create_bucket(Bucket="bucket")
    cloud.client("s3").put_object(Bucket="bucket", Key="large", Body=b"x" * (1 << 17))
    eventually(lambda: list((cloud.state_dir / "logs").rglob("*.log")), 20, "a log")
    while_it_lives = readable(cloud.state_dir)

    stop_cloud(cloud)

    assert (cloud.state_dir / "snapshot" / "state").is_file()
    assert list((cloud.state_dir / "snapshot" / "bodies").iterdir())
    assert while_it_lives == readable(cloud.state_dir) == []


def readable(state_dir: Path) -> list[str]:
    """What others than the owner may read, write or enter."""
    return [
        str(path)
        for path in (state_dir, *state_dir.rglob("*"))
        if path.lstat().st_mode & 0o077 and not path.is_symlink()
    ]


def test_a_local_cloud_that_does_not_come_up_leaves_nothing_but_its_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"192\.0\.2\.1 is no address to listen on"):
        server.start(0, tmp_path / "state", "192.0.2.1", more=["--open-to-network"])

    assert server.running(tmp_path / "state") is None
    gc.collect()  # what nobody closed fails here
