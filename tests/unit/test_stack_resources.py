"""Which names are a stack's own, also beside a stack whose name goes on where this one's ends."""

import pytest

from cli.stack.stack_resources import Scope
from cli.stack.target import Target

RETRAIN = Scope(Target(None, "retrain"))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("retrain-databucket-0a1b2c3d4e5f", True),
        ("retrain-x-databucket-0a1b2c3d4e5f", False),
        ("retrain--churn-databucket-0a1b2c", False),
        ("other-retrain-databucket-0a1b2c3d4e5f", False),
        ("retrain-LedgerTable-ABC123", False),
    ],
)
def test_a_bucket_is_the_stacks_if_cloudformation_named_it_so(name: str, own: bool) -> None:
    assert RETRAIN.templated(name, "databucket") is own


def test_a_functions_log_is_known_by_any_logical_id() -> None:
    assert RETRAIN.templated("retrain-RecordArrivalFunction-q0TBxSI2fYw9")
    assert not RETRAIN.templated("retrain-x-RecordArrivalFunction-q0TBxSI2fYw9")


def test_what_was_made_at_run_time_begins_with_the_separator() -> None:
    assert RETRAIN.prefix == "retrain--"
