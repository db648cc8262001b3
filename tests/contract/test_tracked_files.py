"""What git keeps: text that somebody of the project wrote or made, and nothing that was downloaded."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ARCHIVES = (
    ".whl", ".egg", ".jar", ".war", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".deb",
    ".rpm", ".gem", ".nupkg", ".crate", ".iso", ".dmg", ".apk", ".conda",
)  # fmt: skip
MARKS = {  # how an archive or a program begins, whatever it is called
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard", b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"!<arch>\n": "ar",
    b"\xed\xab\xee\xdb": "rpm", b"\x7fELF": "program", b"MZ": "program", b"\xca\xfe\xba\xbe": "class",
    b"\xcf\xfa\xed\xfe": "program",
}  # fmt: skip
TAR_MARK, TAR_PLACE = b"ustar", 257  # Source: https://www.gnu.org/software/tar/manual/html_node/Standard.html
MADE_HERE: frozenset[str] = frozenset()  # archives that the project makes and keeps: none, tests pack what they need


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def kind_of(name: str, head: bytes) -> str:
    """What sort of archive or program a file is, by its name or by how it begins; "" for none."""
    if name.lower().endswith(ARCHIVES):
        return name.rpartition(".")[2].lower()
    if head[TAR_PLACE:].startswith(TAR_MARK):
        return "tar"
    return next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "")


def head_of(name: str) -> bytes:
    with (ROOT / name).open("rb") as file:
        return file.read(TAR_PLACE + len(TAR_MARK))


def test_no_archive_and_no_program_is_tracked_but_what_the_project_makes() -> None:
    found = {name: kind for name in tracked() if (kind := kind_of(name, head_of(name))) and name not in MADE_HERE}

    assert len(tracked()) > 100
    assert found == {}


def test_an_archive_is_known_by_its_name_and_by_how_it_begins() -> None:
    assert kind_of("vendor/moto-5.0.0-py3-none-any.whl", b"") == "whl"
    assert kind_of("tests/data/Model.TAR.GZ", b"") == "gz"
    assert kind_of("tests/data/model", b"\x1f\x8b\x08\x00") == "gzip"
    assert kind_of("tests/data/model.csv", b"PK\x03\x04rest") == "zip"
    assert kind_of("tests/data/model", b"a" * TAR_PLACE + TAR_MARK) == "tar"
    assert kind_of("docs/security.md", b"# Security\n") == ""
