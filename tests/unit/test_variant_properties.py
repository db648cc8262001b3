"""What a variant keeps and what it changes: weights and numbers of instances."""

from typing import Any

import pytest

from localcloud.sagemaker.endpoints.variant_properties import BadVariants, resized, retained

A = {"VariantName": "a", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
B = {"VariantName": "b", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}


def test_a_variant_keeps_what_it_had_under_its_name() -> None:
    old = [A | {"InitialInstanceCount": 4, "InitialVariantWeight": 0.5}, {"VariantName": "gone"}]
    new = [A | {"InstanceType": "ml.m5.large"}, {"VariantName": "new", "InitialInstanceCount": 2}]

    assert retained(old, new, []) == [{**new[0], "InitialInstanceCount": 4, "InitialVariantWeight": 0.5}, new[1]]


@pytest.mark.parametrize(
    ("excluded", "kept"),
    [
        (["DesiredWeight"], {"InitialInstanceCount": 4}),
        (["DesiredInstanceCount"], {"InitialVariantWeight": 0.5}),
        (["DataCaptureConfig"], {"InitialInstanceCount": 4, "InitialVariantWeight": 0.5}),
        (["DesiredWeight", "DesiredInstanceCount"], {}),
    ],
)
def test_a_type_that_is_excluded_is_the_new_configurations(excluded: list[str], kept: dict[str, Any]) -> None:
    old = [A | {"InitialInstanceCount": 4, "InitialVariantWeight": 0.5}]

    assert retained(old, [A], excluded) == [{**A, **kept}]


def test_a_variant_that_is_serverless_now_has_no_count() -> None:
    assert retained([A | {"VariantName": "b"}], [B], []) == [{**B, "InitialVariantWeight": 1.0}]


def test_what_is_not_asked_for_stays() -> None:
    wanted = [{"VariantName": "a", "DesiredInstanceCount": 3}, {"VariantName": "b", "DesiredWeight": 0.0}]

    assert resized([A, B], wanted) == [{**A, "InitialInstanceCount": 3}, {**B, "InitialVariantWeight": 0.0}]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"VariantName": "c", "DesiredWeight": 1.0}, "c is/are not present"),
        ({"VariantName": "b", "DesiredInstanceCount": 1}, "does not go with the serverless variant b"),
    ],
)
def test_what_does_not_go_with_the_variants_is_refused(entry: dict[str, Any], told: str) -> None:
    with pytest.raises(BadVariants, match=told):
        resized([A, B], [entry])
