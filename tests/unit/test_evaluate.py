"""Metrics with honest standard deviations, and archives that are opened with suspicion."""

import io
import math
import tarfile

import numpy as np
import pytest
from artifact import archives
from evaluation import metrics
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused
from sklearn import metrics as reference

from pipelines import model_file

TRUTHS = st.lists(st.booleans(), min_size=4, max_size=60).filter(lambda rows: 0 < sum(rows) < len(rows))


@given(TRUTHS, st.randoms(use_true_random=False))
def test_metrics_equal_scikit_learns(rows, random):
    truth = np.array(rows)
    score = np.array([round(random.random(), 1) for _ in rows])
    predicted = score >= 0.5

    found = metrics.binary_classification(truth, predicted, score)

    assert found["accuracy"].value == pytest.approx(reference.accuracy_score(truth, predicted))
    assert found["roc_auc"].value == pytest.approx(reference.roc_auc_score(truth, score))
    assert found["recall"].value == pytest.approx(reference.recall_score(truth, predicted))
    if predicted.any():
        assert found["precision"].value == pytest.approx(reference.precision_score(truth, predicted))
        assert found["f1"].value == pytest.approx(reference.f1_score(truth, predicted))


def test_standard_deviations_equal_those_of_repeated_samples():
    rng = np.random.default_rng(0)
    truths = rng.random((1500, 400)) < 0.3
    scores = rng.normal(truths * 1.2, 1.0)

    found = [metrics.binary_classification(t, s > 0.8, s) for t, s in zip(truths, scores, strict=True)]

    for name in found[0]:
        spread = np.std([sample[name].value for sample in found])
        claimed = np.mean([sample[name].standard_deviation for sample in found])
        assert claimed == pytest.approx(spread, rel=0.08), name


def test_what_is_not_defined_is_nan():
    truth, never = np.array([True, False]), np.array([False, False])

    found = metrics.binary_classification(truth, never, np.array([0.1, 0.2]))

    assert math.isnan(found["precision"].value)
    assert math.isnan(metrics.roc_auc(np.array([True, True]), np.array([0.1, 0.2])).value)


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


def test_a_script_is_packed_with_the_modules_that_it_imports():
    names = sorted(archives.code_of(model_file.SCRIPTS / "inference.py"))

    assert names == [
        "artifact/__init__.py", "artifact/answers.py", "artifact/predictors.py", "data/__init__.py", "data/records.py",
        "features/__init__.py", "features/derived.py", "features/features.py", "inference.py", "job/__init__.py",
        "job/refusals.py",
    ]  # fmt: skip
