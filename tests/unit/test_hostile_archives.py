"""What a compromised training job may leave as its model.tar.gz: refused in a line, or unpacked inside its folder."""

import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from artifact import archives
from job.refusals import MOST, Refused
from tar_bombs import BOMBS, MIB, bomb


def file(name: str, content: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type = tarfile.DIRTYPE
    return member, b""


def said(size: int) -> tuple[tarfile.TarInfo, bytes]:
    """A file that says to be larger than it is."""
    member = tarfile.TarInfo("weights")
    member.size = size
    return member, b"x" * 512


REFUSED = {
    "a file that is a folder too": [file("a"), file("a/b")],
    "a folder that is a file too": [file("a/b"), file("a")],
    "a name that is too long": [file("n" * 300)],
    "a path that is too long": [file("/".join(["n" * 200] * 30))],
    "a way out behind a line break": [file("a\n/../../out")],
    "an absolute name behind spaces": [file("/ etc/passwd")],
    "no name": [file("")],
    "the folder itself": [file(".")],
    "more than it says": [said(archives.MAX_BYTES + 1)],
    "an escape in what leaves": [file("../\x1b[2J\u202e")],
}
UNPACKED = {
    "a name twice": [file("a", b"1"), file("a", b"2")],
    "a folder and what is in it": [folder("a"), file("a/b")],
    "a name of escapes": [file("\x1b[2J\u202e")],
    "a name that looks like an option": [file("-rf"), file("--")],
    "a name with a NUL, which ends it": [file("a\0b")],
    "a name with a line break": [file("a\nb")],
}


def archive(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            if len(content) == member.size:
                tar.addfile(member, io.BytesIO(content))
            else:
                tar.addfile(member)
                tar.fileobj.write(content)  # type: ignore[union-attr]
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_is_refused_in_a_line(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "model.tar.gz", REFUSED[name])

    with pytest.raises(Refused) as refused:
        archives.unpack(path, tmp_path / "model")

    assert str(refused.value).isprintable()
    assert len(str(refused.value)) <= MOST
    assert {found.name for found in tmp_path.iterdir()} <= {"model.tar.gz", "model"}


@pytest.mark.parametrize("name", UNPACKED)
def test_an_odd_archive_stays_inside_its_folder(name: str, tmp_path: Path) -> None:
    archives.unpack(archive(tmp_path / "model.tar.gz", UNPACKED[name]), tmp_path / "model")

    assert {found.name for found in tmp_path.iterdir()} == {"model.tar.gz", "model"}
    assert any(found.is_file() for found in (tmp_path / "model").rglob("*"))


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_that_asks_for_all_memory_or_no_end_is_refused_before_it_gets_them(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(bomb(name))

    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refused:
            archives.unpack(path, tmp_path / "model")
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()

    assert str(refused.value).isprintable()
    assert len([found for found in (tmp_path / "model").rglob("*") if found.is_file()]) <= archives.MAX_MEMBERS
