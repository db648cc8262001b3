"""CloudFormation's wire: operations in, answers out. moto parses and serialises; nothing else of its CloudFormation
is used (it skips unknown types in silence, forgets outputs, and cannot roll back).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from localcloud.settings import Cloud
from localcloud.templates import acting, change_sets, operations, views
from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language.document import parse
from localcloud.templates.stacks import Region, Stack


class Regions:
    """Every region's stacks."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._regions: dict[str, Region] = {}

    def __getitem__(self, name: str) -> Region:
        return self._regions.setdefault(name, Region(self._cloud, name))

    def known(self) -> list[tuple[str, Region]]:
        """Those that somebody asked for."""
        return list(self._regions.items())


REGIONS: list[Regions] = []  # filled by install: the response class is made by moto, once per call


class StacksResponse(BaseResponse):  # type: ignore[misc] # moto is untyped here
    """One CloudFormation call."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        """Dispatch, with this package's errors in CloudFormation's shape."""
        name = self._get_action()
        method = _OPERATIONS.get(name)
        try:
            if method is None:
                raise NotImplementedError(f"It has {', '.join(sorted(_OPERATIONS))}")
            region = REGIONS[0][self.region]
            with acting.for_caller(region.cloud, self.headers, self.uri):
                answer = ActionResult(method(region, self._get_params()))
        except TemplateInvalid as error:
            answer = ActionResult(_fault(error))
        except ClientError as error:
            answer = ActionResult(_fault(TemplateInvalid(str(error))))
        status, headers, body = self.serialized(answer)
        return status, headers, body


class Fault(ServiceException):  # type: ignore[misc] # moto is untyped here
    """An error on the wire. (moto takes the service from the module of the exception's class.)"""


def _fault(error: TemplateInvalid) -> Fault:
    return Fault(error.code, str(error))


def _describe_change_set(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return views.change_set(*change_sets.found(region, asked))


def _describe_stacks(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("StackName"):
        return {"Stacks": [views.stack(region.existing(asked["StackName"]))]}
    return {"Stacks": [views.stack(one) for one in region.stacks.values() if one.status != "DELETE_COMPLETE"]}


def _validate_template(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return views.validated(parse(operations.template_text(region, asked, None)))


def _template_summary(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("StackName"):
        stack = region.existing(asked["StackName"])
        text = stack.request.original if stack.request else "{}"
    else:
        text = operations.template_text(region, asked, None)
    return views.summary(parse(text))


def _get_template(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    stack = change_sets.found(region, asked)[0] if asked.get("ChangeSetName") else region.existing(asked["StackName"])
    return views.template(stack, asked.get("TemplateStage", "Original"))


def _of_stack(view: Callable[[Stack, dict[str, Any]], dict[str, Any]]) -> Callable[[Region, dict[str, Any]], Any]:
    return lambda region, asked: view(region.existing(asked["StackName"]), asked)


def _set_protection(region: Region, asked: dict[str, Any]) -> dict[str, Any]:
    return {"StackId": region.existing(asked["StackName"]).id}


_OPERATIONS: dict[str, Callable[[Region, dict[str, Any]], Any]] = {
    "CreateStack": operations.create,
    "UpdateStack": operations.update,
    "DeleteStack": operations.delete,
    "CreateChangeSet": change_sets.create,
    "DescribeChangeSet": _describe_change_set,
    "ExecuteChangeSet": change_sets.execute,
    "DeleteChangeSet": change_sets.delete,
    "ListChangeSets": _of_stack(views.change_sets),
    "DescribeStacks": _describe_stacks,
    "ListStacks": lambda region, asked: views.stacks(list(region.stacks.values()), asked),
    "DescribeStackEvents": _of_stack(views.events),
    "DescribeStackResources": lambda region, asked: views.resources(_owner(region, asked), asked),
    "DescribeStackResource": _of_stack(views.resource),
    "ListStackResources": _of_stack(views.resource_list),
    "GetTemplate": _get_template,
    "GetTemplateSummary": _template_summary,
    "ValidateTemplate": _validate_template,
    "ListExports": lambda region, asked: views.exports(region.exports()),
    "UpdateTerminationProtection": _set_protection,
}


def _owner(region: Region, asked: dict[str, Any]) -> Stack:
    if asked.get("StackName"):
        return region.existing(asked["StackName"])
    for stack in region.stacks.values():
        if any(one.made.physical_id == asked.get("PhysicalResourceId") for one in stack.resources.values()):
            return stack
    raise TemplateInvalid(f"Stack for {asked.get('PhysicalResourceId')} does not exist")
