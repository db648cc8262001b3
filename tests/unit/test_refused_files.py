"""What a job says of the uploads that it cannot use, to people and to the app."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from app.decide.uploads.refused_files import ids_in, without_ids
from data import refused_files
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import FileRefused
from job.world import MESSAGE_BYTES

SCRIPTS = Path(__file__).parents[2] / "processing_scripts"
MODEL = {
    "name": "m", "task": "regression", "algorithms": [{"name": "xgboost"}],
    "data": {"target": "y", "id": None, "missing": [], "without_target": "refuse", "columns": {"x": "number"}},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "s"},
}  # fmt: skip


def object_of(letter: str) -> str:
    return f"objects/{letter * 64}.csv"


@given(st.lists(st.tuples(st.text(max_size=900), st.sampled_from("0123456789abcdef")), min_size=1, max_size=40))
def test_the_app_reads_the_files_that_the_job_names_however_long_its_words(files: list[tuple[str, str]]) -> None:
    message = refused_files.message([FileRefused(words, words, object_of(letter)) for words, letter in files])

    assert len(message.encode()) <= MESSAGE_BYTES
    assert ids_in(message) == tuple(letter * 16 for _, letter in files)[: refused_files.MOST]
    assert "[refused:" not in without_ids(message) or "[refused:" in files[0][0]


def test_a_message_of_another_kind_names_no_file() -> None:
    assert ids_in("no rows for train: 3 rows are too few to split; upload more data") == ()


@pytest.mark.parametrize("script", ["preprocess.py", "clean.py"])
def test_a_job_names_every_file_that_it_cannot_use(tmp_path: Path, script: str) -> None:
    rows = "".join(f"{at},{at}\n" for at in range(50))
    bodies = {
        "a": "x,y\n" + rows,
        "b": "x,y\n1,0\nabc,1\n",
        "c": "x,y\n" + rows,
        "d": "z,y\n1,1\n",
        "e": "x,y\n1,abc\n",
    }
    (tmp_path / "in" / "objects").mkdir(parents=True)
    for letter, body in bodies.items():
        (tmp_path / "in" / object_of(letter)).write_text(body)
    listed = [{"object": object_of(letter), "key": f"incoming/m/{letter}.csv"} for letter in bodies]
    (tmp_path / "in" / "sources.json").write_text(json.dumps(listed))
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    done = subprocess.run(
        [sys.executable, SCRIPTS / script, "--input", tmp_path / "in", "--config", tmp_path / "model.json",
         "--output", tmp_path / "out"],
        env={"SAGEMAKER_BASE_DIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip

    left = (tmp_path / "output" / "message").read_text()

    assert done.returncode == 1, done.stderr
    assert set(ids_in(left)) == {letter * 16 for letter in "bde"}
    assert "incoming/m/" in without_ids(left)
    assert "2 more files are refused" in without_ids(left)
