"""The environment, read once and whole, as far as a function declares it."""

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
DECLARED = ("stack", "data_bucket", "ledger_table", "notification_topic_arn", "quiet_s", "max_wait_s")


def test_settings_are_read_from_the_environment() -> None:
    assert read(GOOD, DECLARED) == Settings(
        stack="retrain",
        data_bucket="bucket",
        ledger_table="ledger",
        notification_topic_arn="arn:topic",
        quiet_s=60,
        max_wait_s=900,
    )


def test_what_a_function_does_not_declare_is_not_read() -> None:
    assert read(GOOD, ["ledger_table"]) == Settings(ledger_table="ledger")


def test_all_wrong_variables_are_named_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        read(GOOD | {"STACK_NAME": "", "QUIET_SECONDS": "soon", "MAX_WAIT_SECONDS": "0"}, DECLARED)

    assert all(name in str(raised.value) for name in ("STACK_NAME", "QUIET_SECONDS", "MAX_WAIT_SECONDS"))
    assert "DATA_BUCKET" not in str(raised.value)


@pytest.mark.parametrize("name", ["state_machine_arn", "alarm_topic_arn"])
def test_what_a_function_declares_must_be_there(name: str) -> None:
    with pytest.raises(BadSettings, match=f"{name.upper()}='' .is empty."):
        read(GOOD, [*DECLARED, name])


@pytest.mark.parametrize("name", ["retrain--x", "retrain-"])
def test_a_stack_whose_names_could_be_anothers_is_refused(name: str) -> None:
    with pytest.raises(BadSettings, match="STACK_NAME"):
        read(GOOD | {"STACK_NAME": name}, DECLARED)
