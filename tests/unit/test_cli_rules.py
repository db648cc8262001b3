"""What the command decides without talking to anybody."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cli.errors import UserError
from cli.options import capacity_arguments, parse_parameters
from cli.show import metric_text, status_report
from cli.stack.bundle import functions_zip
from cli.stack.deploy import TEMPLATE
from cli.stack.local import local_stack, server
from cli.stack.rows import held_out, predictions
from cli.stack.target import Target, remembered_state

FUNCTIONS = Path(__file__).parents[2] / "functions"


def test_equal_predictions_have_no_differences() -> None:
    stored = [{"probability": 0.25, "label": "No"}]

    found = predictions.differences(stored, [{"probability": 0.25 + 1e-9, "label": "No"}])

    assert found == []


@pytest.mark.parametrize(
    "answer",
    [{"probability": 0.26, "label": "No"}, {"probability": 0.25, "label": "Yes"}, {"probability": 0.25}],
)
def test_a_prediction_that_differs_is_named_with_its_record(answer: dict[str, object]) -> None:
    found = predictions.differences([{"probability": 0.25, "label": "No"}], [answer])

    assert len(found) == 1
    assert found[0].startswith("record 1:")


def test_a_missing_prediction_is_a_difference() -> None:
    assert predictions.differences([{"value": 1.0}], []) == ["1 predictions are stored, the endpoint answered 0"]


@given(st.lists(st.integers(0, 10**6), max_size=60), st.integers(20, 200))
def test_chunks_keep_every_record_once_under_its_header(numbers: list[int], most: int) -> None:
    text = "a,b\n" + "".join(f'{number},"x\ny"\n' for number in numbers)

    found = [part.decode() for part in predictions.chunks(text, most)]

    assert all(part.startswith("a,b\n") for part in found)
    assert "".join(part.removeprefix("a,b\n") for part in found) == text.removeprefix("a,b\n")


def test_chunks_keep_a_cell_with_a_line_break_of_unicode() -> None:
    text = "a,b\n1,x\u2028y\n2,\x85\n"

    assert b"".join(predictions.chunks(text)).decode() == text


def test_names_of_columns_that_csv_quotes_reach_the_endpoint_as_they_are() -> None:
    names, records = ["id,name", 'size "L"', "two\nlines"], ["1,2,3", "4,5,6"]
    text = held_out.table(names, records)

    parts = [list(csv.reader(io.StringIO(part.decode(), newline=""))) for part in predictions.chunks(text, 36)]

    assert parts == [[names, ["1", "2", "3"]], [names, ["4", "5", "6"]]]


@pytest.mark.parametrize("text", ["", "a,b", "a,b\n"])
def test_a_file_without_records_makes_no_request(text: str) -> None:
    assert list(predictions.chunks(text)) == []


def test_an_endpoint_that_failed_is_not_said_to_serve() -> None:
    failed = {"name": "e", "status": "Failed", "config": "v1", "reason": "no instances"}

    assert status_report.endpoint_text(failed) == "endpoint e: Failed, does not serve v1: no instances"
    assert (
        status_report.endpoint_text({"name": "e", "status": "InService", "config": "v1"})
        == "endpoint e: InService, serves v1"
    )


def test_to_end_another_cloud_forgets_not_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    server.remember(tmp_path / "last")

    ended = server.bring_down(tmp_path / "other")

    assert (ended, remembered_state()) == (False, tmp_path / "last")


def test_a_setting_that_is_named_twice_is_refused() -> None:
    with pytest.raises(UserError, match="--set names 'eta' more than once"):
        parse_parameters(["eta=0.1", "max_depth=3", "eta=0.2"])


def test_shortage_of_instances_is_passed_on_as_it_was_said_and_checked_first() -> None:
    assert capacity_arguments(["ml.m5.xlarge,ml.c5.xlarge"], ["ml.m5.large=0"]) == [
        "--no-capacity", "ml.m5.xlarge,ml.c5.xlarge", "--quota", "ml.m5.large=0",
    ]  # fmt: skip
    with pytest.raises(UserError, match="did you mean ml"):
        capacity_arguments(["m5.xlarge"])


def test_the_package_of_the_functions_is_the_same_twice_and_holds_what_they_import() -> None:
    first, body = functions_zip(FUNCTIONS)
    second, _ = functions_zip(FUNCTIONS)

    names = zipfile.ZipFile(io.BytesIO(body)).namelist()

    assert first == second
    assert {"record_arrival.py", "app/ledger/__init__.py", "aws_lambda_powertools/__init__.py"} <= set(names)
    assert not [name for name in names if name.startswith(("boto3/", "botocore/")) or name.endswith(".pyc")]


def test_an_unpinned_requirement_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("aws-lambda-powertools\n")

    with pytest.raises(UserError, match="not pinned"):
        functions_zip(tmp_path)


def test_a_folder_of_records_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Is a directory"):
        predictions.text_of(tmp_path)


def test_the_template_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert TEMPLATE.is_file()


@pytest.mark.parametrize(
    ("url", "local"), [("http://127.0.0.1:4566", True), ("https://sagemaker.eu-west-1.example", False), (None, False)]
)
def test_only_loopback_is_local(url: str | None, local: bool) -> None:
    assert Target(url).local is local


def test_metrics_are_short_and_one_that_is_not_defined_says_so() -> None:
    metrics = {"roc_auc": 0.84271, "rmse": 45569.1, "mse": 2076542273.4, "precision": None}
    text = metric_text.render_text({"metrics": metrics, "metric_details": {"roc_auc": {"label": "ROC-AUC"}}})

    assert text == "ROC-AUC 0.843, rmse 45,569, mse 2,076,542,273, precision not defined"


def test_an_f1_of_0_says_what_it_is() -> None:
    text = metric_text.render_text({"metrics": {"f1": 0.0}, "metric_details": {"f1": {"label": "F1"}}})

    assert text == "F1 0.000 (not one positive was found; see decision in the model file)"


def test_a_local_cloud_that_the_network_reaches_is_told_in_yellow() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=300)

    words = local_stack.reach_arguments("192.168.1.7", screen, open_to_network=True)

    assert words == ["--open-to-network"]
    assert screen.file.getvalue().startswith("\x1b[33mopen to the network at 192.168.1.7: nobody is asked")


def test_a_local_cloud_of_loopback_alone_is_told_nothing() -> None:
    screen = Console(file=io.StringIO())

    assert local_stack.reach_arguments("127.0.0.1", screen, open_to_network=False) == []
    assert screen.file.getvalue() == ""
