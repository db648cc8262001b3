"""A plain model's answers: formats in and out, as the image reads and writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given
from hypothesis import strategies as st

from localcloud.containers.algorithms.xgboost_serving import Booster, UnknownContentType, matrix
from localcloud.containers.serving.exchange import InferenceRequest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    data = xgb.DMatrix([[0.0, 1.0], [1.0, 0.0]] * 20, label=[0, 1] * 20)
    xgb.train({"objective": "binary:logistic", "nthread": 1}, data, 3).save_model(made / "model.ubj")
    return made


def test_an_empty_field_is_missing() -> None:
    found = matrix(b"1,,3\n4,5,\n", "text/csv").get_data().toarray()

    assert found.tolist() == [[1.0, 0.0, 3.0], [4.0, 5.0, 0.0]]
    assert matrix(b"1,,3\n4,5,\n", "text/csv").num_nonmissing() == 4


def test_libsvm_may_count_from_one() -> None:
    assert matrix(b"1:5 2:6", "text/libsvm").num_col() == matrix(b"0:5 1:6", "text/libsvm").num_col() == 2


@pytest.mark.parametrize(("body", "kind"), [(b"a,b", "text/csv"), (b"1,2\n3", "text/csv"), (b"nothing", "text/libsvm")])
def test_what_cannot_be_read_says_so(body: bytes, kind: str) -> None:
    with pytest.raises(ValueError, match="Loading"):
        matrix(body, kind)


BAD_BYTE = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"\xff", "csv", f"<class 'UnicodeDecodeError'>\n {BAD_BYTE}"),
        (b"\xff", "libsvm", f"<class 'UnicodeDecodeError'>\n {BAD_BYTE}"),
        (b"1:a", "libsvm", "<class 'ValueError'>\n could not convert string to float: 'a'"),
    ],
)
def test_what_cannot_be_read_is_answered_as_the_image_answers_it(
    folder: Path, body: bytes, kind: str, said: str
) -> None:
    answer = Booster(folder).invoke(InferenceRequest(body, f"text/{kind}", ""))

    assert answer.status == 415
    assert answer.body.decode() == (
        f"Loading {kind} data failed with Exception, please ensure data is in {kind} format:\n {said}"
    )


@pytest.mark.parametrize(
    "body",
    [b"1:2 99999999999:1", b"1:2 99999999999999999999999:1", b"1:2 2:3 3:4", b"9" * 5000 + b":1", b"1:" + b"9" * 5000],
)  # fmt: skip
def test_whatever_an_index_says_is_the_callers_fault(folder: Path, body: bytes) -> None:
    answer = Booster(folder).invoke(InferenceRequest(body, "text/libsvm", ""))

    assert answer.status in (200, 400, 415)


@given(
    st.binary(min_size=1, max_size=60),
    st.sampled_from(["text/csv", "text/libsvm", "", "image/png", "text/csv; a=\xff"]),
)
def test_no_bytes_are_the_servers_fault(folder: Path, body: bytes, content_type: str) -> None:
    assert Booster(folder).invoke(InferenceRequest(body, content_type, "")).status < 500


def test_an_unknown_content_type_has_its_own_error() -> None:
    with pytest.raises(UnknownContentType, match="image/png is not supported"):
        matrix(b"x", "image/png")


def test_nothing_sent_is_nothing_answered(folder: Path) -> None:
    answer = Booster(folder).invoke(InferenceRequest(b"", "text/csv", ""))

    assert (answer.status, answer.body) == (204, b"")


def test_batches_answer_a_line_each(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")

    body = Booster(folder).invoke(InferenceRequest(b"1,0\n0,1", "text/csv", "")).body.decode()

    assert body.endswith("\n")
    assert len(body.split()) == 2


def test_selected_answers_are_those_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label, probability")
    model = Booster(folder)

    found = json.loads(model.invoke(InferenceRequest(b"1,0\n0,1", "text/csv", "application/json")).body)

    assert [row["predicted_label"] for row in found["predictions"]] == [1, 0]
    expected = model.predict(xgb.DMatrix(np.array([[1.0, 0.0], [0.0, 1.0]])))
    assert [row["probability"] for row in found["predictions"]] == pytest.approx(expected.tolist())
