"""champion.py with a champion of several containers: what its batch transform answered is taken, or why it did not."""

import json
from pathlib import Path

import champion
import pytest
from data.holdouts import HeldOut, transformed
from job.refusals import Refused
from packing import tar_gz


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """model.tar.gz of the first of several containers."""
    path = tmp_path / "model.tar.gz"
    path.write_bytes(tar_gz({"code/features_stage.py": "", "profile.json": '{"rows": 5}'}))
    return path


@pytest.fixture
def test_rows(tmp_path: Path) -> HeldOut:
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "algo-1.csv").write_text("id,a,y\n1,x,3\n2,y,4\n3,z,5\n")
    return HeldOut(folder)


def scored(archive: Path, rows: HeldOut, said: dict[str, str] | None, **answers: str) -> tuple[dict[str, str], Path]:
    folder, into = archive.parent / "joint-answers", archive.parent / "into"
    into.mkdir()
    folder.mkdir()
    for name, text in answers.items():
        (folder / f"{name}.jsonl.out").write_text(text)
    if said is not None:
        (folder / "status.json").write_text(json.dumps(said))
    return champion.score(archive, rows, folder, into), into


def test_answers_of_all_files_are_taken_in_the_order_of_the_rows(archive: Path, test_rows: HeldOut) -> None:
    found, into = scored(archive, test_rows, {"status": "answered"}, algo_1="3.5\n4.5\n", algo_2="\n5.5")

    assert found == {"status": "scored"}
    assert (into / "predictions.csv").read_text() == "3.5\n4.5\n5.5\n"
    assert json.loads((into / "profile.json").read_text()) == {"rows": 5}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            {"status": "failed", "reason": "transform job x failed: no column 'a'"},
            "transform job x failed: no column 'a'",
        ),
        ({"status": "skipped", "reason": "no version serves"}, "no version serves"),
        (None, champion.NOBODY_ASKS),
        ({"status": "answered"}, "no *.out"),
    ],
    ids=["failed", "skipped", "nobody asks", "no answers"],
)
def test_one_that_did_not_answer_is_incomparable_and_says_why(
    archive: Path, test_rows: HeldOut, said: dict[str, str] | None, why: str
) -> None:
    found, into = scored(archive, test_rows, said)

    assert found["status"] == "incomparable"
    assert why in found["reason"]
    assert (into / "profile.json").is_file()


def test_what_no_transform_left_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="it is what a batch transform leaves"):
        list(transformed(tmp_path))
