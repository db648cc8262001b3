"""The hyperparameters of AWS's XGBoost image: what it takes, what it refuses."""

from __future__ import annotations

import pytest

from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.algorithms.xgboost_hyperparameters import validate
from localcloud.containers.images import image_of


def test_texts_become_numbers_names_and_lists() -> None:
    found = validate({"num_round": "20", "eta": "0.3", "objective": "binary:logistic", "eval_metric": "auc,error@0.3"})

    assert found == {"num_round": 20, "eta": 0.3, "objective": "binary:logistic", "eval_metric": ["auc", "error@0.3"]}


def test_an_alias_is_its_name() -> None:
    assert validate({"num_round": "1", "learning_rate": "0.1"}) == {"num_round": 1, "eta": 0.1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"num_round": "0"}, "num_round: 0 is not in"),
        ({"num_round": "1", "depth": "3"}, "Extraneous hyperparameter found: depth"),
        ({"num_round": "1", "max_depth": "deep"}, "max_depth: could not parse value"),
        ({"num_round": "1", "max_depth": "3.5"}, "max_depth: could not parse value"),
        ({"num_round": "1", "eta": "1.1"}, "eta: 1.1 is not in"),
        ({"num_round": "1", "subsample": "0"}, "subsample: 0.0 is not in"),
        ({"num_round": "1", "objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"num_round": "1", "objective": "nope"}, "objective: nope is not in"),
        ({"num_round": "1", "eval_metric": "auc"}, "Metric 'auc' can only be applied"),
        ({"num_round": "1", "eval_metric": "rmse"}, "eval_metric needs an objective"),
        ({"num_round": "1", "huber_slope": "1"}, "Extraneous hyperparameter found: huber_slope"),
        ({"num_round": "1", "tree_method": "hist", "monotone_constraints": "1"}, "takes a tuple"),
        ({"num_round": "1", "tree_method": "hist", "interaction_constraints": "(1, 2)"}, "takes a list of lists"),
        ({"num_round": "1", "eval_metric": "nope"}, "value \\['nope'\\] not in range"),
        ({"num_round": "1", "eval_metric": "rmse@3"}, "Metric 'rmse@3' is not supported"),
        ({"num_round": "1", "monotone_constraints": "(1,-1)"}, "only when the tree_method"),
        ({"num_round": "1", "tree_method": "hist", "monotone_constraints": "(1,2)"}, "monotone_constraints"),
        ({"num_round": "1", "updater": "grow_colmaker,grow_histmaker"}, "Only one tree grow plugin"),
    ],
)
def test_what_the_image_refuses_is_refused_in_its_words(given: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        validate(given)


def test_images_before_1_2_take_silent_and_later_ones_refuse_it() -> None:
    """AWS's own abalone example sets it for 1.0-1."""
    given = {"num_round": "50", "silent": "0"}

    assert validate(given, former=True) == {"num_round": 50, "silent": 0}
    with pytest.raises(UserError, match="Extraneous hyperparameter found: silent"):
        validate(given)


@pytest.mark.parametrize(
    ("tag", "started"),
    [
        ("latest", "main_former"), ("0.90-2-cpu-py3", "main_former"), ("1.0-1-cpu-py3", "main_former"),
        ("1.2-2", "main_pickling"), ("1.3-1", "main"), ("3.0-5", "main"), ("mine", "main"),
    ],
)  # fmt: skip
def test_an_image_of_xgboosts_trains_as_its_tag_does(tag: str, started: str) -> None:
    found = image_of(f"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:{tag}")

    assert found is not None
    assert str(found.training).rpartition(":")[2] == started
