"""What a list of SageMaker's refuses of a page that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from moto.sagemaker.exceptions import ValidationError

from localcloud.sagemaker.api_shapes import check, page
from localcloud.sagemaker.played_members import members_of
from localcloud.sagemaker.request_members import MEMBERS

MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))
IN_PAGES = [operation for operation in MEMBERS if "MaxResults" in members_of(operation)]


def bounds(operation: str) -> dict[str, Any]:
    shape: Any = MODEL.operation_model(operation).input_shape
    return dict(shape.members["MaxResults"].metadata)


@pytest.mark.parametrize("operation", IN_PAGES)
def test_a_page_has_at_least_one_entry_and_at_most_as_many_as_aws_gives(operation: str) -> None:
    least, most = bounds(operation)["min"], bounds(operation).get("max")

    if most is not None:  # only ListTags has none
        with pytest.raises(ValidationError, match=f"less than or equal to {most}"):
            check(operation, {"MaxResults": most + 1})
    with pytest.raises(ValidationError, match="maxResults"):
        check(operation, {"MaxResults": least - 1})


@pytest.mark.parametrize("token", ["nonsense", "-1", "1.5", "²", "9" * 40])
def test_a_token_that_no_list_gave_is_refused(token: str) -> None:
    with pytest.raises(ValidationError, match="Invalid NextToken"):
        page([1, 2, 3], {"NextToken": token})


def test_pages_have_each_entry_once_and_the_last_has_no_token() -> None:
    found: list[int] = []
    token = None
    for _ in range(3):
        items, token = page(list(range(5)), {"MaxResults": 2, "SortOrder": "Ascending", "NextToken": token})
        found += items

    assert (found, token) == ([0, 1, 2, 3, 4], None)
