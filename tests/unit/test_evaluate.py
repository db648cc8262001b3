"""Archives that are opened with suspicion, and what an artifact is packed with."""

import io
import tarfile

import pytest
from artifact import archives
from job.refusals import Refused

from pipelines.model import model_file


def archive_of(path, *members):
    with tarfile.open(path, "w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def link(name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


@pytest.mark.parametrize(
    "member", [tarfile.TarInfo("../up"), tarfile.TarInfo("/etc/passwd"), link("xgboost-model", "/etc/passwd")]
)
def test_an_archive_that_reaches_out_is_refused(tmp_path, member):
    path = archive_of(tmp_path / "model.tar.gz", (member, b""))

    with pytest.raises(Refused, match="not a plain file inside it"):
        archives.unpack(path, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_an_archive_that_swells_is_refused_before_it_does(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    path = archive_of(tmp_path / "model.tar.gz", (tarfile.TarInfo("bomb"), b"\0" * 2000))

    with pytest.raises(Refused, match="not unpacked"):
        archives.unpack(path, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "model.tar.gz").write_bytes(content)

    with pytest.raises(Refused, match="not a readable"):
        archives.unpack(tmp_path / "model.tar.gz", tmp_path / "out")


def test_equal_files_are_packed_to_equal_bytes(tmp_path):
    archives.pack({"b": b"2", "code/a.py": b"1"}, tmp_path / "one" / "model.tar.gz")
    archives.pack({"code/a.py": b"1", "b": b"2"}, tmp_path / "two" / "model.tar.gz")

    one, two = (tmp_path / name / "model.tar.gz" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    archives.unpack(one, tmp_path / "out")
    assert (tmp_path / "out" / "code" / "a.py").read_bytes() == b"1"


def test_a_program_is_packed_with_the_modules_that_it_imports():
    names = sorted(archives.code_of(model_file.SCRIPTS / "inference.py"))

    assert names == [
        f"code/{name}" for name in (
            "artifact/__init__.py", "artifact/answers.py", "artifact/layout.py", "artifact/predictors.py",
            "data/__init__.py", "data/records.py", "data/unknown_levels.py", "features/__init__.py",
            "features/derived.py", "features/features.py", "features/levels.py", "features/number_formats.py",
            "inference.py", "job/__init__.py", "job/cells.py", "job/numbers.py", "job/refusals.py", "job/shown_text.py",
        )
    ]  # fmt: skip
