"""The archive of what is known about a version: its index, and checksums that hold."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from app.decide.names.statuses import RunStatus
from app.decide.records import RunRecord

from cli.show.evidence import INDEX, MEANINGS, SUMS, Evidence, index_text, packed, render_text, withheld, write
from cli.show.why_report import Why

REVIEW = {"reviewers": ["ada@example.org", "grace@example.org"], "needed": 2, "not_by": ""}
RECORD = RunRecord(
    "churn-1-a", "churn", RunStatus.DEPLOYED, "arn", version=3,
    plan={"code_sha256": "c0de", "model_sha256": "f11e", "review": REVIEW},
    timeline=[{"at": "2026-03-14T10:00:00.000Z", "what": "approved by Ada\nnever \x1b[2J"}],
)  # fmt: skip
WHY = Why("churn", 3, True, "churn-1-a", 2000, decided="approved by Ada", because="ticket 7")


def test_the_checksums_in_the_archive_are_those_of_its_files() -> None:
    body = packed({"run.json": b"{}\n", INDEX: b"# churn\n"})

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in held.pop(SUMS).decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in held.items()}
    assert held == {"run.json": b"{}\n", INDEX: b"# churn\n"}


def test_equal_evidence_is_equal_bytes() -> None:
    assert packed({"a": b"1", "b": b"2"}) == packed({"b": b"2", "a": b"1"})


def test_the_index_says_who_decided_and_why_what_was_hashed_and_what_is_absent() -> None:
    text = index_text(WHY, RECORD, {"run.json": b""}, {"sources.json": "NoSuchKey"})

    said = [
        "# churn version 3", "decision: approved by Ada (ticket 7)",
        "It needed a yes of 2 of: ada@example.org, grace@example.org.", "Code c0de, model file f11e.",
        "- 2026-03-14T10:00:00.000Z approved by Ada\\nnever \\x1b[2J", f"- `run.json`: {MEANINGS['run.json']}",
        "- `sources.json` is absent (NoSuchKey)", "sha256sum -c SHA256SUMS",
    ]  # fmt: skip
    places = [text.find(one) for one in said]
    assert -1 not in places, said[places.index(-1)]
    assert places == sorted(places)


def test_what_is_absent_is_told_with_the_archive() -> None:
    made = Evidence("churn", 3, "churn-v3-evidence.zip", "abc", {"run.json": "d"}, {"sources.json": "NoSuchKey"})

    assert render_text(made).splitlines() == [
        "churn-v3-evidence.zip (1 files, sha256 abc)",
        "  absent: sources.json (NoSuchKey)",
    ]


@pytest.mark.parametrize(
    ("published", "why"),
    [
        ({"model": {"data": {"sensitive": True}}}, "models/churn.yaml says sensitive: true"),
        ({}, "the model is not published, and nobody knows whether its data is sensitive"),
        ({"model": {"data": {"sensitive": False}}}, None),
        ({"model": {"data": {"target": "churn"}}}, None),
    ],
)
def test_records_of_sensitive_data_are_not_packed(published: dict[str, Any], why: str | None) -> None:
    assert withheld("churn", published) == ({"verification.json": why} if why else {})


def test_an_archive_is_its_owners_alone_also_where_another_was(tmp_path: Path) -> None:
    for name, mode in (("new.zip", None), ("old.zip", 0o644)):
        path = tmp_path / name
        if mode:
            path.write_bytes(b"old")
            path.chmod(mode)
        write(path, b"archive")
        assert (path.stat().st_mode & 0o777, path.read_bytes()) == (0o600, b"archive")
