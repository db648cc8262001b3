"""The share of an endpoint's requests that a shadow variant is asked."""

import pytest

from localcloud.sagemaker.endpoints.shadows import sampled


@pytest.mark.parametrize(
    ("production", "shadow", "share"),
    [([1.0], 1.0, 1.0), ([1.0], 0.5, 0.5), ([2.0], 0.5, 0.25), ([1.0], 3.0, 1.0), ([1.0], 0.0, 0.0), ([0.0], 1.0, 0.0)],
)
def test_a_shadow_is_asked_by_its_weight_beside_that_of_production(
    production: list[float], shadow: float, share: float
) -> None:
    assert sampled(production, shadow) == share
