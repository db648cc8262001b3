"""What an archive may do to the machine that runs the local cloud: nothing outside its folder, and no full disk."""

import io
import random
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tar_bombs import BOMBS, MIB, bomb

from localcloud import archives
from localcloud.lambdas.packages import code
from localcloud.sagemaker import storage
from localcloud.sagemaker.storage import DataProblem

MOST_MEMORY = 48 * MIB


def zipped(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        write(file)
    return target.getvalue()


def link(file: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    file.writestr(info, "/etc/passwd")


def fake_size(size: int) -> bytes:
    """A package of which the directory says that its one file has this size."""
    made = bytearray(zipped(lambda file: file.writestr("weights", "x")))
    at = made.rindex(b"PK\x01\x02") + 24
    made[at : at + 4] = size.to_bytes(4, "little")
    return bytes(made)


def file_and_folder(file: zipfile.ZipFile) -> None:
    file.writestr("a", "1")
    file.writestr("a/b", "2")


KEPT_INSIDE = {
    "a way out": lambda file: file.writestr("../../out", "x"),
    "an absolute name": lambda file: file.writestr("/etc/out", "x"),
    "a link": link,
    "a NUL": lambda file: file.writestr("a\0b", "x"),
}


def damaged() -> bytes:
    """A package of which the directory is whole, and the one file's content is none."""
    made = bytearray(zipped(lambda file: file.writestr("a.py", "x = 1\n" * 1000)))
    made[36:60] = b"\xff" * 24
    return bytes(made)


def of_kind(method: int) -> bytes:
    """A package whose one file says to be packed in another way."""
    made = bytearray(zipped(lambda file: file.writestr("a.py", "x = 1\n" * 1000)))
    at = made.rindex(b"PK\x01\x02")
    made[8:10] = made[at + 10 : at + 12] = method.to_bytes(2, "little")
    return bytes(made)


INVALID = {
    "no zip": b"PK\x03\x04 and nothing more",
    "empty": b"",
    "a name that is too long": zipped(lambda file: file.writestr("n" * 300, "x")),
    "a path that is too deep": zipped(lambda file: file.writestr("/".join(["n" * 200] * 30), "x")),
    "a file that is a folder": zipped(file_and_folder),
    "more than Lambda takes": fake_size(code.MOST_UNPACKED_BYTES),
    "less than it holds": fake_size(0),
    "a damaged file": damaged(),
    "no file of bzip2": of_kind(zipfile.ZIP_BZIP2),
    "no file of LZMA": of_kind(zipfile.ZIP_LZMA),
    "packed in a way that nobody knows": of_kind(99),
}


@pytest.mark.parametrize("name", KEPT_INSIDE)
def test_a_package_is_laid_out_inside_its_folder_without_links(name: str, tmp_path: Path) -> None:
    folder = code.unpacked(zipped(KEPT_INSIDE[name]), tmp_path / "root")

    found = [path for path in tmp_path.rglob("*") if not path.is_dir()]
    assert [folder in path.parents for path in found] == [True]
    assert not found[0].is_symlink()


@pytest.mark.parametrize("name", INVALID)
def test_a_package_that_cannot_be_unzipped_is_told_as_lambda_tells_it_and_leaves_nothing(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(code.InvalidPackage, match="Lambda could not unzip the deployment package: "):
        code.unpacked(INVALID[name], tmp_path / "root")

    assert list((tmp_path / "root").iterdir()) == []


def packed(*members: tuple[str, bytes, str], content: bytes = b"x") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, kind, to in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, to, len(content) if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(content))
    return target.getvalue()


REFUSED = {
    "a way out": packed(("../out", tarfile.REGTYPE, "")),
    "a link to elsewhere": packed(("a", tarfile.SYMTYPE, "/etc"), ("a/out", tarfile.REGTYPE, "")),
    "a way out by a link": packed(("a", tarfile.SYMTYPE, ".."), ("a/out", tarfile.REGTYPE, "")),
    "a hard link to elsewhere": packed(("a", tarfile.LNKTYPE, "../../secret")),
    "a device": packed(("sda", tarfile.BLKTYPE, "")),
    "a pipe": packed(("pipe", tarfile.FIFOTYPE, "")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_tar_that_would_leave_its_folder_or_make_a_device_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    with pytest.raises(tarfile.TarError):
        archives.extract(REFUSED[name], tmp_path / "in")

    assert not any(path.is_file() or path.is_fifo() for path in tmp_path.rglob("*"))


def test_an_absolute_name_is_laid_out_inside(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()

    archives.extract(packed(("/etc/out", tarfile.REGTYPE, "")), tmp_path / "in")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "in" / "etc" / "out"]


def test_a_tar_of_a_few_bytes_that_would_fill_the_disk_is_refused_before_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ALWAYS_FITS", 100_000)
    zeros = packed(("zeros", tarfile.REGTYPE, ""), content=bytes(5_000_000))

    with pytest.raises(tarfile.TarError, match=r"it unpacks to more than [0-9,]+ bytes, 100 times its size"):
        archives.extract(zeros, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", BOMBS)
def test_a_tar_that_asks_for_all_memory_or_no_end_is_refused_and_leaves_little(name: str, tmp_path: Path) -> None:
    archive = bomb(name)

    tracemalloc.start()
    try:
        with pytest.raises(tarfile.TarError):
            archives.extract(archive, tmp_path / "in")
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()

    assert not any(path.is_file() and path.stat().st_size for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("damage", ["cut", "damaged", "no more than its first bytes"])
def test_a_damaged_archive_is_refused_in_words(damage: str, tmp_path: Path) -> None:
    whole = packed(("a", tarfile.REGTYPE, ""), content=random.Random(1).randbytes(50_000).hex().encode())
    spoilt = {"cut": whole[:30_000], "damaged": whole[:5000] + b"\xff" * 100 + whole[5100:]}.get(damage, whole[:2])

    with pytest.raises(tarfile.TarError):
        archives.extract(spoilt, tmp_path)
    with pytest.raises(DataProblem, match="cannot open the model archive"):
        storage.unpack(spoilt, tmp_path)


def test_long_names_and_attributes_of_other_tools_are_taken(tmp_path: Path) -> None:
    name = "/".join(["n" * 100] * 10)
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w:gz", format=form, pax_headers={"comment": "0" * 40}) as tar:
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
        archives.extract(target.getvalue(), tmp_path / str(form))

        assert (tmp_path / str(form) / name).read_bytes() == b"x"
