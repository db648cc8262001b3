"""What jobs and endpoints cost: what SageMaker describes, at a table's prices."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from app.decide.costs import months, prices
from app.decide.costs.estimates import cost_lines, serving, serving_text
from app.decide.costs.prices import BadPrices, Prices
from app.decide.costs.uses import PROCESSING, TRAINING, TRANSFORM, Sum, Use, cost, job_use, money_text, sum_text, total
from app.decide.names.resource_names import begun_at, is_transform_of, transform_name
from hypothesis import given
from hypothesis import strategies as st

BEGAN = datetime(2026, 3, 14, 10, tzinfo=UTC)
TABLE = Prices("eu-west-1", "2026-03-01", "a page", {"ml.m5.large": 0.1, "ml.m5.xlarge": 0.2})
GIVEN = {"region": "eu-west-1", "as_of": "2026-03-01", "source": "a page", "hour_usd": {"ml.m5.large": 0.1}}


def later(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def described(kind: str, resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    where = {
        TRAINING: {"ResourceConfig": resources},
        PROCESSING: {"ProcessingResources": {"ClusterConfig": resources}},
        TRANSFORM: {"TransformResources": resources},
    }[kind]
    name = kind.capitalize()
    return {f"{name}JobName": "a-job", f"{name}StartTime": BEGAN, f"{name}EndTime": later(90)} | where | more


@pytest.mark.parametrize("kind", [TRAINING, PROCESSING, TRANSFORM])
def test_a_job_bills_each_of_its_instances_from_start_to_end(kind: str) -> None:
    job = described(kind, {"InstanceType": "ml.m5.large", "InstanceCount": 3})

    use = job_use("Step", kind, job, later(1_000))

    assert use == Use("Step", kind, "a-job", "ml.m5.large", 3, 90.0)
    assert use.instance_s == 270


def test_training_bills_what_it_says_where_that_is_less() -> None:
    job = described(TRAINING, {"InstanceType": "ml.m5.large", "InstanceCount": 2}, BillableTimeInSeconds=30)

    assert job_use("Train", TRAINING, job, later(1_000)).instance_s == 60


def test_a_job_that_runs_bills_until_now_and_one_that_never_began_nothing() -> None:
    runs = described(PROCESSING, {"InstanceType": "ml.m5.large", "InstanceCount": 1})
    del runs["ProcessingEndTime"]
    waits = {name: value for name, value in runs.items() if name != "ProcessingStartTime"}

    assert job_use("Step", PROCESSING, runs, later(40)).billed_s == 40
    assert job_use("Step", PROCESSING, waits, later(40)).billed_s == 0


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"SelectedInstanceType": "ml.c5.xlarge", "SelectedInstanceCount": 2}, ("ml.c5.xlarge", 2)),
        ({}, ("ml.m5.xlarge", 1)),
    ],
)
def test_of_a_list_of_types_the_one_counts_that_was_taken(chosen: dict[str, Any], expected: tuple[str, int]) -> None:
    listed = {"InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}, {"InstanceType": "ml.c5.xlarge"}]}

    use = job_use("Train", TRAINING, described(TRAINING, listed | chosen), later(100))

    assert (use.instance_type, use.instances) == expected


def test_a_type_that_the_table_lacks_is_named_and_is_not_nothing() -> None:
    known = Use("Train", TRAINING, "a", "ml.m5.large", 2, 3_600)
    foreign = Use("Train", TRAINING, "b", "ml.p9.huge", 1, 60)

    assert cost(foreign, TABLE) is None
    assert total([known, foreign], TABLE) == Sum(0.2, 7_260, ("ml.p9.huge",))
    assert sum_text(total([known, foreign], TABLE)) == "at least 0.2000 USD: the price table lacks ml.p9.huge"
    assert sum_text(total([foreign], TABLE)) == "unknown: the price table lacks ml.p9.huge"


@given(
    st.lists(st.tuples(st.sampled_from(sorted(TABLE.hour_usd)), st.integers(1, 50), st.floats(0, 1e6)), max_size=20),
    st.integers(0, 20),
)
def test_a_sum_is_that_of_its_parts_however_they_are_parted(parts: list[Any], at: int) -> None:
    uses = [Use("s", TRAINING, "n", *part) for part in parts]
    whole, first, second = (total(some, TABLE) for some in (uses, uses[:at], uses[at:]))

    assert whole.usd == pytest.approx(first.usd + second.usd)
    assert whole.instance_s == pytest.approx(first.instance_s + second.instance_s)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "0.00 USD"), (0.00001, "less than 0.0001 USD"), (0.01234, "0.0123 USD"), (83.95, "83.95 USD"),
        (12_345.678, "12,345.68 USD"),
    ],
)  # fmt: skip
def test_money_is_read_to_what_matters(usd: float, text: str) -> None:
    assert money_text(usd) == text


def test_the_apps_table_says_where_when_and_from_which_page() -> None:
    table = prices.listed()

    assert (table.region, table.source) == ("us-east-1", "https://aws.amazon.com/sagemaker-ai/pricing/")
    assert datetime.fromisoformat(table.as_of)
    assert all(usd > 0 for usd in (table.hour_usd | table.each_usd).values())
    assert table.hour_usd["ml.m5.xlarge"] == 2 * table.hour_usd["ml.m5.large"]


def test_a_table_of_ones_own_is_read() -> None:
    assert prices.of_text(json.dumps(GIVEN)) == Prices("eu-west-1", "2026-03-01", "a page", {"ml.m5.large": 0.1})


def test_a_plan_keeps_the_prices_of_the_types_that_its_model_names_and_is_read_by_them() -> None:
    kept = prices.frozen(TABLE, {"TrainingInstanceType": "ml.m5.large"}, ({"fallback": ["ml.c5.xlarge"]},))

    assert kept == {"region": "eu-west-1", "as_of": "2026-03-01", "source": "a page", "each_usd": {},
                    "hour_usd": {"ml.m5.large": 0.1}}  # fmt: skip
    assert prices.of_plan({"prices": kept}).hour_usd == {"ml.m5.large": 0.1}
    assert prices.of_plan({}) == prices.listed()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("no json", "a price table is JSON"),
        ([], "says its region"),
        (GIVEN | {"as_of": 2026}, "says its region"),
        (GIVEN | {"hour_usd": None}, "has hour_usd"),
        (GIVEN | {"hour_usd": {"ml.m5.large": "0.1"}}, "hour_usd of 'ml.m5.large' is '0.1', and no number"),
        (GIVEN | {"hour_usd": {"ml.m5.large": True}}, "no number of dollars"),
        (GIVEN | {"hour_usd": {"ml.m5.large": -1}}, "no number of dollars"),
        (GIVEN | {"hour_usd": {"ml.m5.large": float("nan")}}, "no number of dollars"),
    ],
)
def test_what_is_no_price_table_is_refused_by_what_is_wrong(changed: Any, said: str) -> None:
    with pytest.raises(BadPrices, match=said):
        prices.of_text(changed if isinstance(changed, str) else json.dumps(changed))


def test_months_are_calendar_months_in_utc_newest_first() -> None:
    assert months.months_until("2026-02", 4) == ["2026-02", "2026-01", "2025-12", "2025-11"]
    assert months.month_of(datetime.fromisoformat("2026-02-28T23:30:00-05:00")) == "2026-03"
    assert months.end_of("2026-12") == months.begin_of("2027-01")


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_the_parts_of_a_span_in_its_months_are_the_span(begin: int, seconds: int) -> None:
    since = later(begin)
    until = since + timedelta(seconds=seconds)

    parts = [months.seconds_in(month, since, until) for month in months.months_until(months.month_of(until), 60)]

    assert sum(parts) == pytest.approx(seconds)


def test_a_run_says_when_it_began() -> None:
    assert begun_at("house-price-20260314t101500-abcdef") == datetime(2026, 3, 14, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(("model", "other"), [("churn", "churn-x"), ("a-model-whose-name-is-cut-some32", "churn")])
def test_a_transform_is_known_by_its_models_name_however_long_that_is(model: str, other: str) -> None:
    stack = "a-stack-with-a-long-name"
    name = transform_name(stack, model, 12, "0" * 64)

    assert is_transform_of(stack, model, name)
    assert not is_transform_of(stack, other, name)
    assert not is_transform_of(stack, model, name[:-1])


AT = "at list prices of eu-west-1, 2026-03-01."


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({}, f"Its endpoint costs 73.00 USD a month: 1 instance of ml.m5.large, {AT}"),
        (
            {"mode": "realtime", "instance_type": "ml.m5.xlarge", "instance_count": 2},
            f"Its endpoint costs 292.00 USD a month: 2 instances of ml.m5.xlarge, {AT}",
        ),
        (
            {"instance_type": "ml.p9.huge"},
            "What its endpoint costs a month, 1 instance of ml.p9.huge, is unknown: the price table lacks ml.p9.huge.",
        ),
        ({"mode": "serverless"}, "Its endpoint is serverless: it costs by request, and nothing while nobody asks."),
        ({"mode": "batch"}, f"It has no endpoint. Scoring costs 0.1 USD an hour of ml.m5.large, {AT}"),
        (
            {"mode": "batch", "instance_type": "ml.p9.huge"},
            "It has no endpoint. What an hour of scoring costs is unknown: the price table lacks ml.p9.huge.",
        ),
    ],
)
def test_what_serving_costs_is_said_before_anybody_decides(section: dict[str, Any], said: str) -> None:
    assert serving_text(section, TABLE) == said


def test_only_an_endpoint_with_instances_has_a_price_by_the_month() -> None:
    found = serving({"instance_count": 2}, TABLE)

    assert found is not None
    assert found.usd == pytest.approx(146)
    assert serving({"mode": "batch"}, TABLE) is None
    assert serving({"mode": "serverless"}, TABLE) is None


def test_an_endpoint_that_is_scaled_costs_as_much_as_its_bounds_say() -> None:
    section = {"autoscaling": {"min": 1, "max": 4, "per_instance": 600}, "instance_type": "ml.m5.large"}

    many = "1 to 4 instances of ml.m5.large by load"
    assert serving_text(section, TABLE) == (
        f"Its endpoint costs 73.00 USD to 292.00 USD a month: {many}, at {TABLE.origin}."
    )


def test_of_a_run_that_froze_no_deployment_nothing_is_said_of_serving() -> None:
    assert cost_lines("churn-1-a", {}, TABLE) == ["What this run cost: retrain cost churn-1-a"]
    assert len(cost_lines("churn-1-a", {"deployment": {}}, TABLE)) == 2
