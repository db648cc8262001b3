"""Model archives are opened with suspicion: nothing leaves the folder, nothing fills the disk."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from artifact import archives
from job.refusals import Refused


def archive(path: Path, *members: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"),
        member("a/../../outside"),
        member("/etc/cron.d/outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.LNKTYPE, "../outside"),
        member("device", tarfile.CHRTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda bad: f"{bad.name}-{bad.type!r}",
)
def test_what_is_no_plain_file_inside_is_refused(bad: tarfile.TarInfo, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with pytest.raises(Refused, match="not a plain file inside it"):
        archives.unpack(archive(tmp_path / "model.tar.gz", member("good"), bad), folder)

    assert {path.name for path in tmp_path.rglob("*")} <= {"model.tar.gz", "model", "good"}


@pytest.mark.parametrize(
    ("limit", "value", "build"),
    [
        ("MAX_BYTES", 999, lambda path: archive(path, member("zeros"), content=bytes(1000))),
        ("MAX_MEMBERS", 2, lambda path: archive(path, *(member(str(number)) for number in range(3)))),
    ],
    ids=["bytes", "files"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(
    limit: str, value: int, build: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, limit, value)
    with pytest.raises(Refused, match="more than"):
        archives.unpack(build(tmp_path / "model.tar.gz"), tmp_path / "model")

    assert not (tmp_path / "model" / "zeros").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(content)

    with pytest.raises(Refused, match="not a readable"):
        archives.unpack(path, tmp_path / "model")


def test_an_archive_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "model.tar.gz", member("weights"), content=bytes(range(256)) * 400)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(Refused, match="not a readable"):
        archives.unpack(path, tmp_path / "model")


def test_what_was_packed_comes_out_and_equal_contents_are_equal_bytes(tmp_path: Path) -> None:
    files = {"code/inference.py": b"print()", "xgboost-model": b"\x00\x01"}
    archives.pack(files, tmp_path / "one.tar.gz")
    archives.pack(dict(reversed(files.items())), tmp_path / "two.tar.gz")
    archives.unpack(tmp_path / "one.tar.gz", tmp_path / "model")

    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    assert {name: (tmp_path / "model" / name).read_bytes() for name in files} == files
