"""The gate: limits are inclusive, NaN never passes, reasons never round a difference away."""

import math

import pytest
from evaluation import verdicts
from evaluation.verdicts import Limit
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

NUMBERS = st.floats(0, 1)
KNOWN = ("accuracy", "recall")


@given(NUMBERS, NUMBERS)
def test_a_limit_is_inclusive(value, limit):
    assert verdicts.judge({"m": value}, [Limit("m", at_least=limit)]).passed == (value >= limit)
    assert verdicts.judge({"m": value}, [Limit("m", at_most=limit)]).passed == (value <= limit)


@pytest.mark.parametrize("limit", [Limit("m", at_least=0.0), Limit("m", at_most=1.0)])
def test_nan_never_passes(limit):
    verdict = verdicts.judge({"m": math.nan}, [limit])

    assert verdict.document()["outcome"] == "Rejected"
    assert "not defined" in verdict.reasons[0]


def test_every_broken_limit_gives_a_reason():
    gate = [Limit("accuracy", at_least=0.99), Limit("recall", at_least=0.1), Limit("rmse", at_most=2)]

    verdict = verdicts.judge({"accuracy": 0.8, "recall": 0.5, "rmse": 3.25}, gate)

    assert verdict.reasons == ("accuracy 0.800 is below 0.990", "rmse 3.250 is above 2.000")


def test_a_near_miss_is_told_with_enough_digits():
    assert verdicts.judge({"m": 0.74996}, [Limit("m", at_least=0.75)]).reasons == ("m 0.74996 is below 0.75000",)


def test_a_pipeline_parameter_overrides_its_limit():
    entries = [{"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}]

    assert verdicts.gate_from(entries, {"AccuracyThreshold": "0.9"}, KNOWN) == (Limit("accuracy", at_least=0.9),)
    assert verdicts.gate_from(entries, {}, KNOWN) == (Limit("accuracy", at_least=0.75),)


@pytest.mark.parametrize(("bound", "given_", "loosened"), [
    ("at_least", "0.5", 0.75), ("at_least", "0.75", None), ("at_least", "0.8", None), ("at_most", "0.8", 0.75),
    ("at_most", "0.5", None),
])  # fmt: skip
def test_a_limit_that_a_run_loosens_keeps_what_the_model_file_says(bound, given_, loosened):
    entries = [{"metric": "accuracy", bound: 0.75, "parameter": "AccuracyThreshold"}]

    (limit,) = verdicts.gate_from(entries, {"AccuracyThreshold": given_}, KNOWN)

    assert limit.loosened_from == loosened


@pytest.mark.parametrize("given_", [{"AccuracyThreshold": "high"}, {"Threshold": "0.9"}])
def test_a_bad_parameter_is_refused_by_name(given_):
    entries = [{"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}]

    with pytest.raises(Refused, match=next(iter(given_))):
        verdicts.gate_from(entries, given_, KNOWN)


@pytest.mark.parametrize("rule", [{"at_least": 0.5}, {"not_worse_than_champion": {}}, {"slice_limit": {"limit": 1}}])
def test_an_unknown_metric_is_refused_by_name_with_those_that_are_there(rule):
    with pytest.raises(Refused, match="no metric 'acuracy'; known here: accuracy, recall"):
        verdicts.gate_from([{"metric": "acuracy", **rule}], {}, KNOWN)
