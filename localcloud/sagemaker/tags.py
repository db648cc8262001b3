"""Tags of SageMaker's resources, by ARN."""

from __future__ import annotations

from typing import Any

from localcloud.sagemaker import api_shapes
from localcloud.sagemaker.api_shapes import Context, Request


class Tags:
    """AddTags, ListTags, DeleteTags."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on tags."""
        return {"AddTags": self.add, "ListTags": self.list_all, "DeleteTags": self.delete}

    def add(self, request: Request) -> dict[str, Any]:
        """AddTags."""
        self.context.tag(request["ResourceArn"], request["Tags"])
        return {"Tags": self.list_all({"ResourceArn": request["ResourceArn"]})["Tags"]}

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListTags."""
        tags = self.context.tags.get(request["ResourceArn"], {})
        shown = [{"Key": key, "Value": value} for key, value in tags.items()]
        items, token = api_shapes.page(shown, request, default_order="Ascending")
        return api_shapes.answer_page("Tags", items, token)

    def delete(self, request: Request) -> None:
        """DeleteTags."""
        tags = self.context.tags.get(request["ResourceArn"], {})
        for key in request["TagKeys"]:
            tags.pop(key, None)
