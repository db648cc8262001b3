"""A model whose data are about persons: every message names line and column, and none says what stands there.

The same message of a model without ``sensitive: true`` does say it, so that each row of these tables has teeth.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inference
import numpy as np
import pytest
from app.decide.uploads.data_checks import judge
from app.decide.uploads.file_checks import Problem, check_file
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import container_lines
from artifact.answers import BinaryAnswer, ValueAnswer
from data.column_rules import Settings
from data.holdouts import HeldOut
from evaluation import assessment, comparison, slices
from evaluation.rows import Rows
from features.features import Features, NumberColumn, features_from
from job.refusals import Refused, withholding
from report import page

PERSON = "Ada-4711"
SCRIPTS = Path(__file__).parents[2] / "processing_scripts"
MODEL = "models/churn.yaml"
DATA = Data(
    "left", "id", ("Yes", "No"), (), ("id", "spent", "plan", "left"), True,
    {"spent": Kind(True, frozenset()), "plan": Kind(False, frozenset())},
)  # fmt: skip
HEADER = "id,spent,plan,left"
# name -> an upload, and what is said of it where the data are sensitive
UPLOADS = {
    "no header": (f"{PERSON},1815,gold,Yes\n", "no column 'left' (found 4 columns)"),
    "a name twice": (f"{PERSON},{PERSON},spent,plan,left\n", "columns 1 and 2 have the same name"),
    "a text for a number": (f"{HEADER}\n1,{PERSON},gold,Yes\n", "line 2 has a text in column 'spent', which must be"),
    "another answer": (f"{HEADER}\n1,2,gold,{PERSON}\n", "line 2 has a text in column 'left', known are 'Yes'"),
    "an id with two answers": (
        f"{HEADER}\n{PERSON},2,gold,Yes\n{PERSON},2,gold,No\n",
        "lines 2 and 3 have the same id and different answers in column 'left'",
    ),
}  # fmt: skip
SCORED = {
    "no header": (f"{PERSON},1815,gold,Yes\n", "(found 4 columns)"),
    "a name twice": (f"{PERSON},{PERSON},spent,plan,id\n", "columns 1 and 2 have the same name"),
    "a text for a number": (f"{HEADER}\n1,{PERSON},gold,Yes\n", "line 2 has a text in column 'spent', which must be"),
}


def problem(check: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as raised:
        check()
    return raised.value.message("incoming/churn/may.csv")


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_is_refused_by_line_and_column(name: str) -> None:
    content, said = UPLOADS[name]
    open_words, words = (
        problem(lambda: check_file([content.encode()], DATA._replace(sensitive=sensitive), MODEL))  # noqa: B023
        for sensitive in (False, True)
    )

    assert PERSON in open_words
    assert PERSON not in words
    assert said in words


@pytest.mark.parametrize("name", SCORED)
def test_a_file_to_be_scored_is_refused_by_line_and_column(name: str) -> None:
    content, said = SCORED[name]
    open_words, words = (
        problem(lambda: list(container_lines([content.encode()], DATA._replace(sensitive=sensitive), MODEL)))  # noqa: B023
        for sensitive in (False, True)
    )

    assert PERSON in open_words
    assert PERSON not in words
    assert said in words


def test_a_finding_about_an_upload_names_the_column_and_counts() -> None:
    content = f"{HEADER}\n1,4711,{PERSON},Yes\n2,3,gold,No\n"
    columns = check_file([content.encode()], DATA, MODEL).columns
    known = {"kind": "category", "rows": 90, "missing": 0, "levels": {"gold": 90}, "other": 0}
    checks = {"ranges": {"spent": {"at_most": 100}}}
    open_words, words = (
        [
            str(finding)
            for finding in judge(columns, checks, {"version": 3, "columns": {"plan": known}}, sensitive=is_so)
        ]
        for is_so in (False, True)
    )

    assert "4711 on line 2" in open_words[0]
    assert PERSON in open_words[1]
    assert words[0] == "column 'spent': expected at most 100, found another number on line 2"
    assert words[1].endswith("found 1 others in 1 of 2 rows")


CONFIG: dict[str, Any] = {
    "name": "m", "task": "binary_classification", "algorithms": [{"name": "xgboost"}],
    "data": {"target": "left", "positive_label": "Yes", "negative_label": "No", "id": "id", "missing": [],
             "without_target": "refuse", "columns": {"plan": "category", "spent": "number"}},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "s"},
}  # fmt: skip


def config(*, sensitive: bool) -> dict[str, Any]:
    return CONFIG | {"data": CONFIG["data"] | ({"sensitive": True} if sensitive else {})}


JOBS = {
    "a text for a number": [f"9,gold,{PERSON},Yes"],
    "another answer": [f"9,gold,1,{PERSON}"],
}


def said_by(program: str, folder: Path, rows: list[str], header: str, *, sensitive: bool) -> str:
    """All that a job leaves for people: its log, and its failure reason."""
    (folder / "in").mkdir(parents=True)
    lines = [header, *(f"{at},gold,{at},{'Yes' if at % 2 else 'No'}" for at in range(40, 60)), *rows]
    (folder / "in" / "may.csv").write_text("\n".join(lines) + "\n")
    (folder / "model.json").write_text(json.dumps(config(sensitive=sensitive)))
    words = [sys.executable, str(SCRIPTS / program), "--input", str(folder / "in"), "--output", str(folder / "out")]
    done = subprocess.run(
        [*words, "--config", str(folder / "model.json")], capture_output=True, text=True, timeout=60,
        env=os.environ | {"SAGEMAKER_BASE_DIR": str(folder)},
    )  # fmt: skip
    assert done.returncode == 1
    return done.stdout + done.stderr + (folder / "output" / "message").read_text()


@pytest.mark.parametrize("program", ["preprocess.py", "clean.py"])
@pytest.mark.parametrize("name", JOBS)
def test_a_job_says_line_and_column_in_its_log_and_its_failure_reason(program: str, name: str, tmp_path: Path) -> None:
    given = (JOBS[name], "id,plan,spent,left")
    open_words, words = (
        said_by(program, tmp_path / str(sensitive), *given, sensitive=sensitive) for sensitive in (False, True)
    )

    assert PERSON in open_words
    assert PERSON not in words
    assert "may.csv, line 22: column '" in words


@pytest.mark.parametrize(
    "header", [f"id,plan,{PERSON},left", f"{PERSON},{PERSON},spent,left"], ids=["other names", "a name twice"]
)
def test_a_job_does_not_repeat_a_first_line_that_is_no_header(header: str, tmp_path: Path) -> None:
    open_words, words = (
        said_by("preprocess.py", tmp_path / str(sensitive), [], header, sensitive=sensitive)
        for sensitive in (False, True)
    )

    assert PERSON in open_words
    assert PERSON not in words


@pytest.mark.parametrize("text", [PERSON, "inf", "-4711"])
def test_a_target_that_cannot_be_learnt_is_not_repeated(text: str) -> None:
    with pytest.raises(Refused) as refused:
        ValueAnswer("log").encode(text)

    assert text in str(refused.value)
    assert text not in refused.value.untold


def test_an_endpoint_answers_which_column_is_wrong() -> None:
    words = []
    for sensitive in (False, True):
        features = Features(
            "m", (NumberColumn("spent"),), BinaryAnswer("Yes", "No"), "left", "id", (), {}, sensitive=sensitive
        )
        model = inference.Model(lambda matrix: matrix[:, 0], features_from(json.loads(json.dumps(features.document()))))
        words.append(inference.transform_fn(model, PERSON, "text/csv", None).get_data(as_text=True))

    assert PERSON in words[0]
    assert json.loads(words[1]) == {"error": "column 'spent' takes numbers and got a text"}


def test_slices_go_by_numbers(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"plan,spent\n{PERSON},1\n{PERSON},2\n,30\ngold,4711\n")
    columns = {"plan": "category", "spent": "number"}
    names = []
    for sensitive in (False, True):
        given = {"data": {"missing": [], "columns": columns, "sensitive": sensitive}, "slices": list(columns)}
        rows = Rows(*([[0.0] * 4] * 3))  # type: ignore[arg-type]  # only counted
        evidence = assessment.Evidence(given, {}, HeldOut(tmp_path), rows, None, tmp_path, {})
        names.append([(part.column, part.name, part.rows) for part in assessment.slices_of(evidence)])

    assert ("plan", PERSON, 2) in names[0]
    assert names[1][:3] == [("plan", "level 1", 2), ("plan", slices.MISSING, 1), ("plan", "level 3", 1)]
    assert [name for column, name, _ in names[1] if column == "spent"] == [
        "quarter 1",
        "quarter 2",
        "quarter 3",
        "quarter 4",
    ]


def test_an_evaluation_draws_no_row_and_does_not_say_where_time_cut(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n" + "1,4711\n" * 4)
    features = Features("m", (NumberColumn("x"),), ValueAnswer(), "y", None, (), {"test": 4}).document()
    cut = {"by": "born", "train_from": "1815-12-10", "test_from": "1990-01-01", "newest": PERSON}
    rows = Rows(np.full(4, 4711.0), np.arange(4.0), np.arange(4.0))
    algorithm = {"name": "knn", "hyperparameters": {}}
    given = {"name": "m", "task": "regression", "gate": [], "algorithms": [algorithm]}
    drawn = []
    for sensitive in (False, True):
        data = {"missing": [], "columns": {"x": "number"}, "sensitive": sensitive}
        evidence = assessment.Evidence(
            given | {"data": data}, features, HeldOut(tmp_path), rows, None, tmp_path, {"cut": cut}
        )
        drawn.append(assessment.evaluation(evidence, ()) | {"rows": {"test": 4}})

    assert (drawn[0]["cut"], "scatter" in drawn[0]["curves"]) == (cut, True)
    assert (drawn[1]["cut"], "scatter" in drawn[1]["curves"]) == ({"by": "born"}, False)
    assert "Split by time, by born; where is not said, as the data are sensitive." in page.render(drawn[1])


def test_why_a_champion_was_not_compared_quotes_nothing(tmp_path: Path) -> None:
    told = {"status": "incomparable", "version": 3, "reason": f"it got '{PERSON}'", "reason_untold": "it refuses rows"}
    (tmp_path / "champion.json").write_text(json.dumps(told))

    assert comparison.read(tmp_path).reason == f"it got '{PERSON}'"
    assert comparison.read(tmp_path, sensitive=True).reason == "it refuses rows"


def test_what_is_withheld_stays_a_refusal() -> None:
    with pytest.raises(Refused, match=r"^line 3$"), withholding(sensitive=True):
        raise Refused(f"line 3 says {PERSON}", "line 3")
    with pytest.raises(Refused, match=PERSON), withholding(sensitive=False):
        raise Refused(f"line 3 says {PERSON}", "line 3")


def test_the_model_file_says_it_to_both_sides() -> None:
    assert Settings.parse(config(sensitive=True)).sensitive
    assert not Settings.parse(config(sensitive=False)).sensitive
