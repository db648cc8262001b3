"""The environment, read once and whole."""

import pytest
from app.errors import BadSettings
from app.settings import Settings, read

GOOD = {
    "STACK_NAME": "retrain",
    "DATA_BUCKET": "bucket",
    "LEDGER_TABLE": "ledger",
    "NOTIFICATION_TOPIC_ARN": "arn:topic",
    "QUIET_SECONDS": "60",
    "MAX_WAIT_SECONDS": "900",
}


def test_settings_are_read_from_the_environment() -> None:
    assert read(GOOD) == Settings("retrain", "bucket", "ledger", "arn:topic", 60, 900, "", "")


def test_all_wrong_variables_are_named_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        read(GOOD | {"STACK_NAME": "", "QUIET_SECONDS": "soon", "MAX_WAIT_SECONDS": "0"})

    assert all(name in str(raised.value) for name in ("STACK_NAME", "QUIET_SECONDS", "MAX_WAIT_SECONDS"))
    assert "DATA_BUCKET" not in str(raised.value)


@pytest.mark.parametrize("name", ["retrain--x", "retrain-"])
def test_a_stack_whose_names_could_be_anothers_is_refused(name: str) -> None:
    with pytest.raises(BadSettings, match="STACK_NAME"):
        read(GOOD | {"STACK_NAME": name})
