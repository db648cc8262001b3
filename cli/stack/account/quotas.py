"""Quotas of instances at the place that is talked to, held against what model files need.

Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import aws_error_text
from cli.stack.target import Target
from pipelines.model import quota_needs
from pipelines.model.quota_needs import Missing, Need

SERVICE = "sagemaker"


@dataclass(frozen=True)
class QuotaReport:
    """What is needed and what of it is missing; why that could not be found out, where it could not."""

    region: str
    needs: tuple[Need, ...]
    missing: tuple[Missing, ...] = ()
    unknown: str = ""

    def data(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "region": self.region,
            "needs": [need._asdict() for need in self.needs],
            "missing": [
                {"quota": one.need.quota, "value": one.value, "needed": one.need.instances, "code": one.code,
                 "models": list(one.need.models), "command": one.command(self.region) if one.code else ""}
                for one in self.missing
            ],
            "unknown": self.unknown,
        }  # fmt: skip


@dataclass(frozen=True)
class AccountQuotas:
    """Code and value of the quotas that were asked for, by name; why they could not be read, where they could not."""

    region: str
    found: Mapping[str, tuple[str, float]]
    unknown: str = ""

    def report(self, models: Collection[Mapping[str, Any]]) -> QuotaReport:
        """What these models need, and what of it is missing."""
        wanted = tuple(quota_needs.needs(list(models)))
        missing = () if self.unknown else tuple(quota_needs.missing(wanted, self.found))
        return QuotaReport(self.region, wanted, missing, self.unknown)

    def warning(self, models: Collection[Mapping[str, Any]]) -> str:
        """What a person who published ``models`` should know before they run; "" when nothing lacks."""
        report = self.report(models)
        return render_text(report) if report.unknown or report.missing else ""

    def too_low_for_jobs(self, model: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """What publishing announces of a model, so that no run waits for instances that the account never gets."""
        lacks = self.report([model]).missing
        return tuple(
            {"quota": one.need.quota, "value": one.value, "needed": one.need.instances}
            for one in lacks
            if not one.need.quota.endswith(" for endpoint usage")  # which a deployment finds by itself, at once
        )


def read_account(target: Target, models: Collection[Mapping[str, Any]]) -> AccountQuotas:
    """The quotas of the account and region that the models need."""
    client = target.client("service-quotas")
    region, names = client.meta.region_name, {need.quota for need in quota_needs.needs(list(models))}
    try:
        return AccountQuotas(region, read(client, names))
    except (ClientError, BotoCoreError) as error:
        return AccountQuotas(region, {}, aws_error_text(error, target))


def check(target: Target, models: Collection[Mapping[str, Any]]) -> QuotaReport:
    """Hold the quotas of the account and region against what the models need."""
    return read_account(target, models).report(models)


def read(client: Any, names: Collection[str]) -> dict[str, tuple[str, float]]:
    """Code and value of these quotas by name: as applied to the account, or AWS's default where nothing was applied.

    A quota without a value of the account's own is in the second list alone.
    """
    found: dict[str, tuple[str, float]] = {}
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for quota in _pages(client, operation):
            if quota["QuotaName"] in names:
                found.setdefault(quota["QuotaName"], (quota["QuotaCode"], float(quota["Value"])))
            if len(found) == len(names):
                return found
    return found


def _pages(client: Any, operation: str) -> Iterator[Mapping[str, Any]]:
    """Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListAWSDefaultServiceQuotas.html"""
    for page in client.get_paginator(operation).paginate(ServiceCode=SERVICE, PaginationConfig={"PageSize": 100}):
        yield from page["Quotas"]


def render_text(report: QuotaReport) -> str:
    """The report for a person: what lacks first, with the request that raises it."""
    if report.unknown:
        return f"quotas of instances could not be read: {report.unknown}"
    if not report.missing:
        return f"quotas of instances: all {len(report.needs)} suffice in {report.region}"
    lines = [f"quotas of instances in {report.region}: {len(report.missing)} of {len(report.needs)} do not suffice"]
    for one in report.missing:
        lines.append(
            f"  {one.need.quota}: {one.value}, and {one.need.instances} needed by {', '.join(one.need.models)}"
        )
        lines.append(
            f"    {one.command(report.region)}" if one.code else "    Service Quotas has none of that name here"
        )
        if one.need.spot:
            lines.append("    or write spot: false in the model file, and publish: no run goes on demand by itself")
    return "\n".join(lines)
