"""The fakes agree with others that play AWS: DynamoDB and S3 with moto, rules and states with the project's files."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from app.decide.names.statuses import Approval
from app.errors import RetrainError
from app.ledger.table import Table, Write
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.integration.moto_world import ledger_table
from tests.torture import stack
from tests.torture.fakes import state_fields
from tests.torture.fakes.dynamodb import DynamoDB
from tests.torture.fakes.s3 import BUCKET, S3
from tests.torture.people import GOOD

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from([3, 2, "x", "", True, ["x"], {"d": 1.5}])  # no 1: moto takes True for it, DynamoDB does not
CONDITIONS = st.sampled_from([
    "", "attribute_not_exists(pk)", "attribute_exists(pk)", "#a = :a", "#a <> :a", "attribute_not_exists(#b)",
    "attribute_exists(pk) AND (attribute_not_exists(#b) OR #b <> :a)",
    "attribute_exists(#b) AND (attribute_not_exists(#a) OR #a <> #b)", "attribute_exists(#a) AND #a = #b",
    "attribute_not_exists(#at) OR #at < :limit", "#at < :limit",
    "(attribute_not_exists(#a) OR #a = :a) AND (attribute_not_exists(#b) OR #b <> :a)",
    "attribute_exists(pk) AND (attribute_not_exists(#keys) OR NOT contains(#keys, :a))",
])  # fmt: skip


@st.composite
def writes(draw: Any) -> Write:
    """A write as the ledger makes them."""
    condition = draw(CONDITIONS)
    chosen = {name: draw(VALUES) for name in draw(st.sets(NAMES, max_size=2))} if draw(st.booleans()) else {}
    given = {"a": draw(st.sampled_from([3, "x"]))} if ":a" in condition and "a" not in chosen else {}
    if "contains" in condition:
        chosen.pop("a", None)
        given = {"a": "x"}
    if "< :limit" in condition:
        chosen["at"], given = draw(st.sampled_from(["1", "3"])), {"limit": "2"}
    removed = tuple(sorted(draw(st.sets(NAMES, max_size=1)) - chosen.keys()))
    added = draw(st.sampled_from([{}, {"count": 2}, {"keys": {"x"}}, {"keys": {"y"}, "count": 1}]))
    appended = draw(st.sampled_from([{}, {"list": {"at": "now"}}]))
    write = Write("pk", draw(st.sampled_from(["1", "2"])), chosen, removed, added, appended, condition, given)
    return write if chosen or removed or added or appended else write._replace(add={"count": 1})


@pytest.fixture(scope="module")
def tables() -> Iterator[Table]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        ledger_table(client, "ledger")
        yield Table("ledger", client)


class Paged(DynamoDB):
    """With botocore's paginator."""

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **request: Any) -> list[Any]:
        return [self.query(**request)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(st.one_of(writes(), st.lists(writes(), min_size=2, max_size=2)), max_size=6))
def test_the_ledgers_writes_do_the_same_to_both_tables(tables: Table, made: list[Any]) -> None:
    ours = Table("ledger", Paged())
    for sk in ("1", "2"):
        tables.delete("pk", sk)
    for change in made:
        if isinstance(change, Write):
            assert _written(ours, change) == _written(tables, change)
        elif change[0].sk != change[1].sk:  # DynamoDB takes one change of an item in a transaction
            assert ours.transact(change) == tables.transact(change)

    assert list(ours.query("pk", "0", "9")) == list(tables.query("pk", "0", "9"))
    assert ours.delete("pk", "1", {"a": "x"}) == tables.delete("pk", "1", {"a": "x"})
    assert ours.get("pk", "1") == tables.get("pk", "1")


def _written(table: Table, change: Write) -> Any:
    """The item afterwards, or that the change is refused as one that does not fit what is there."""
    try:
        return table.write(change)
    except (RetrainError, ClientError, TypeError, KeyError):
        return "refused"


def test_s3s_versions_are_read_copied_and_deleted_as_on_moto() -> None:
    with mock_aws():
        moto = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        moto.create_bucket(Bucket=BUCKET)
        moto.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

        assert _story(moto) == _story(S3(lambda found: None, lambda: datetime.now(UTC)))


def _story(s3: Any) -> list[Any]:
    first = s3.put_object(Bucket=BUCKET, Key="a", Body=GOOD.encode())["VersionId"]
    second = s3.put_object(Bucket=BUCKET, Key="a", Body=b"newer")["VersionId"]
    s3.copy_object(Bucket=BUCKET, Key="b", CopySource={"Bucket": BUCKET, "Key": "a", "VersionId": first})
    told = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in ("a", "b")]
    s3.delete_object(Bucket=BUCKET, Key="a", VersionId=second)
    told += [s3.get_object(Bucket=BUCKET, Key="a")["Body"].read()]
    told += [[entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="")["Contents"]]]
    for asked in ({"Key": "c"}, {"Key": "a", "VersionId": second}):
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=BUCKET, **asked)
        told.append(refused.value.response["Error"]["Code"])
    with pytest.raises(ClientError) as refused:
        s3.head_object(Bucket=BUCKET, Key="c")
    return [*told, refused.value.response["Error"]["Code"]]


def test_a_field_of_the_states_language_that_is_not_played_is_refused() -> None:
    states = copy.deepcopy(stack.definition()["States"])
    states["Notify"]["HeartbeatSeconds"] = 5

    with pytest.raises(NotImplementedError, match=r"'Notify': \['HeartbeatSeconds'\]"):
        state_fields.check(states)


def test_every_rule_of_the_template_has_a_function_or_queue_here() -> None:
    heard = {rule.target for rule in stack.rules()}

    assert heard == {
        "ArrivalsQueue", "ReactToPipelineFunction", "ReactToApprovalFunction", "ReactToEndpointFunction",
        "ReactToTransformFunction", "FinishRunFunction", "BeginScoringFunction",
    }  # fmt: skip
    assert set(Approval) == {"Approved", "Rejected", "PendingManualApproval"}
