"""Which members of a SageMaker request are taken: the table is of botocore's own members, and all else is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from bounded_requests import least

from localcloud.sagemaker import api_shapes
from localcloud.sagemaker.played_members import BadNotation, Member, members_of, refusals
from localcloud.sagemaker.request_members import INSTEAD, MEMBERS

Path = tuple[str, ...]
MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def structure(shape: Shape) -> Any:
    """What a list or a map is of."""
    while shape.type_name in ("list", "map"):
        shape = shape.member if shape.type_name == "list" else shape.value
    return shape


def unknown(members: Mapping[str, Member], shape: Any, path: str) -> Iterator[str]:
    """Members of the table that botocore does not have."""
    for name, member in members.items():
        if name not in shape.members:
            yield f"{path}{name}"
        elif member.below:
            yield from unknown(member.below, structure(shape.members[name]), f"{path}{name}.")


def left_out(members: Mapping[str, Member], shape: Any, path: Path = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every member of botocore's that the table does not have, with a value for it."""
    for name, below in shape.members.items():
        member = members.get(name)
        if member is None:
            yield (*path, name), set_value(below)
        elif member.below:
            yield from left_out(member.below, structure(below), (*path, name))


def set_value(shape: Any) -> Any:
    """A value within AWS's bounds that says something: of a structure at least one member."""
    if shape.type_name == "list":
        return [set_value(shape.member)]
    if shape.type_name == "structure" and not shape.required_members:
        first = next(iter(shape.members))
        return {first: set_value(shape.members[first])}
    return least(shape)


def with_member(shape: Shape, path: Path, value: Any) -> dict[str, Any]:
    """The least request with one more member, however deep it lies."""
    first, *rest = path
    of = structure(shape)
    found = {name: least(of.members[name]) for name in of.required_members}
    below = of.members[first]
    if not rest:
        return found | {first: value}
    inner: Any = with_member(structure(below), tuple(rest), value)
    return found | {first: [inner] if below.type_name == "list" else inner}


UNPLAYED = [
    (operation, path, value)
    for operation in MEMBERS
    for path, value in left_out(members_of(operation), MODEL.operation_model(operation).input_shape)
]


def restricted(members: Mapping[str, Member], path: Path = ()) -> Iterator[Path]:
    """Members that may have one value alone."""
    for name, member in members.items():
        if member.only:
            yield (*path, name)
        yield from restricted(member.below or {}, (*path, name))


RESTRICTED = {path for operation in MEMBERS for path in restricted(members_of(operation))}


def test_every_operation_that_is_served_has_a_row(cloud_operations: set[str]) -> None:
    assert set(MEMBERS) == cloud_operations


@pytest.fixture
def cloud_operations(tmp_path: Any) -> set[str]:
    from localcloud.sagemaker.parts import SageMaker
    from localcloud.settings import Cloud

    found: set[str] = set()
    for part in SageMaker(Cloud(tmp_path)).api_parts():
        found |= set(part.operations())
    return found


@pytest.mark.parametrize("operation", MEMBERS)
def test_the_table_knows_botocores_members_alone(operation: str) -> None:
    shape = MODEL.operation_model(operation).input_shape

    assert list(unknown(members_of(operation), shape, "")) == []
    assert set(shape.required_members) <= set(members_of(operation))


@pytest.mark.parametrize(
    ("operation", "path", "value"), UNPLAYED, ids=[f"{one}.{'.'.join(path)}" for one, path, _ in UNPLAYED]
)
def test_a_member_that_nobody_plays_is_refused_by_name(operation: str, path: Path, value: Any) -> None:
    request = with_member(MODEL.operation_model(operation).input_shape, path, value)

    with pytest.raises(Exception, match=rf"{path[-1]} does not run outside AWS") as refused:
        api_shapes.check(operation, request)

    assert type(refused.value).__name__ == "ValidationError"


@pytest.mark.parametrize(
    ("operation", "request_", "told"),
    [
        (
            "CreateEndpointConfig",
            {"ExplainerConfig": {"ClarifyExplainerConfig": {}}},
            ["ExplainerConfig does not run outside AWS"],
        ),
        ("CreateEndpointConfig", {"ShadowProductionVariants": []}, []),
        (
            "CreateEndpointConfig",
            {"ProductionVariants": [{"VariantName": "a"}, {"VariantName": "b", "AcceleratorType": "ml.eia1.large"}]},
            ["ProductionVariants[1].AcceleratorType does not run outside AWS"],
        ),
        ("CreateProcessingJob", {"ProcessingInputs": [{"InputName": "a", "AppManaged": False}]}, []),
        (
            "CreateProcessingJob",
            {"ProcessingInputs": [{"InputName": "a", "AppManaged": True}]},
            ["ProcessingInputs[0].AppManaged True does not run outside AWS: use False"],
        ),
        (
            "CreateHyperParameterTuningJob",
            {"WarmStartConfig": {"WarmStartType": "TransferLearning"}, "TrainingJobDefinitions": [{"a": 1}]},
            [
                "WarmStartConfig does not run outside AWS: a tuning job starts from nothing here",
                "TrainingJobDefinitions does not run outside AWS: start a tuning job for each algorithm",
            ],
        ),
        (
            "StartPipelineExecution",
            {"PipelineVersionAlias": "nosuch"},
            ["PipelineVersionAlias does not run outside AWS: name the version by its PipelineVersionId"],
        ),
        ("CreateModelPackage", {"ModelMetrics": {"Bias": {"Report": {"S3Uri": "s3://b/k"}}}}, []),
    ],
)
def test_a_refusal_says_where_and_what_to_do(operation: str, request_: dict[str, Any], told: list[str]) -> None:
    assert refusals(operation, request_) == told


def test_each_advice_is_of_a_member_that_is_refused() -> None:
    refused = {".".join(path) for _, path, _ in UNPLAYED} | {".".join(path) for path in RESTRICTED}

    assert [name for name in INSTEAD if not any(path == name or path.endswith(f".{name}") for path in refused)] == []


@pytest.mark.parametrize("row", ["A(B", "A)", "A A", "(A)"])
def test_a_row_that_is_written_wrongly_is_no_table(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MEMBERS, "Wrong", row)
    members_of.cache_clear()

    with pytest.raises(BadNotation):
        members_of("Wrong")
