"""What a clean-up does, in order, as data."""

from cli import changes
from cli.plans import removal
from cli.plans.removal import RecordEnds, Remove, SwitchOff, SwitchOn
from cli.stack.stack_resources import StackResource

RESOURCES = [StackResource("endpoint", "retrain--churn"), StackResource("model", "v1"), StackResource("model", "v2")]
REMOVALS = [Remove("endpoint", "retrain--churn"), Remove("model", "v1"), Remove("model", "v2")]


def test_a_stack_that_keeps_its_data_hears_again_afterwards_and_records_what_was_stopped() -> None:
    found = removal.plan(RESOURCES, ["changed"], ["reconcile"], everything=False)

    assert found == [SwitchOff("changed"), *REMOVALS, SwitchOn("changed"), RecordEnds("reconcile")]


def test_a_stack_that_goes_whole_hears_nothing_any_more() -> None:
    assert removal.plan(RESOURCES, ["changed"], ["reconcile"], everything=True) == [SwitchOff("changed"), *REMOVALS]


def test_where_nothing_is_nothing_is_switched_off() -> None:
    assert removal.plan([], ["changed"], ["reconcile"], everything=False) == []


def test_a_plan_is_printed_with_a_line_for_each_kind_of_change() -> None:
    found = removal.plan(RESOURCES, ["changed"], [], everything=True)

    assert changes.render_text(found).splitlines() == [
        "  switch off rule: changed",
        "  remove endpoint: retrain--churn",
        "  remove model: v1, v2",
    ]
    assert changes.as_data(found)[1] == {"change": "Remove", "kind": "endpoint", "name": "retrain--churn"}
