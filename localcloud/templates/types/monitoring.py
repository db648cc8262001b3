"""Logs, alarms, dashboards and budgets."""

from __future__ import annotations

from typing import Any

from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, picked, text


class LogGroup(Kind):
    """Ref is the group's name; its Arn ends in ``:*``."""

    type = "AWS::Logs::LogGroup"
    properties = "LogGroupName RetentionInDays KmsKeyId LogGroupClass Tags"
    replaces = "LogGroupName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("LogGroupName") or place.name(512)
        logs = place.client("logs")
        values = picked(wanted, kmsKeyId="KmsKeyId", logGroupClass="LogGroupClass")
        if tags := place.tag_map(wanted.get("Tags")):  # which the API does not take empty
            values["tags"] = tags
        logs.create_log_group(logGroupName=name, **values)
        return Made(name, {"Arn": place.arn("logs", f"log-group:{name}:*")})

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        logs, name = place.client("logs"), made.physical_id
        if changed(old, new, "RetentionInDays"):
            if "RetentionInDays" in new:
                logs.put_retention_policy(logGroupName=name, retentionInDays=int(new["RetentionInDays"]))
            else:
                logs.delete_retention_policy(logGroupName=name)
        if old and changed(old, new, "KmsKeyId"):
            if "KmsKeyId" in new:
                logs.associate_kms_key(logGroupName=name, kmsKeyId=new["KmsKeyId"])
            else:
                logs.disassociate_kms_key(logGroupName=name)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("logs").delete_log_group(logGroupName=made.physical_id)


class Alarm(Kind):
    """Ref is the alarm's name."""

    type = "AWS::CloudWatch::Alarm"
    properties = (
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace"
        " Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold"
        " ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics ThresholdMetricId Tags"
    )
    required = "ComparisonOperator EvaluationPeriods"
    replaces = "AlarmName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("AlarmName") or place.name(255)
        self._put(place, name, wanted)
        return Made(name, {"Arn": place.arn("cloudwatch", f"alarm:{name}")})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, made.physical_id, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("cloudwatch").delete_alarms(AlarmNames=[made.physical_id])

    def _put(self, place: Place, name: str, wanted: Properties) -> None:
        cloudwatch = place.client("cloudwatch")
        values = {**wanted, "AlarmName": name, "Tags": place.tag_list(wanted.get("Tags"))}
        cloudwatch.put_metric_alarm(**fit(cloudwatch, "put_metric_alarm", values))


class Dashboard(Kind):
    """Ref is the dashboard's name."""

    type = "AWS::CloudWatch::Dashboard"
    properties = "DashboardName DashboardBody"
    required = "DashboardBody"
    replaces = "DashboardName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("DashboardName") or place.name(255)
        place.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=text(wanted["DashboardBody"]))
        return Made(name)

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        place.client("cloudwatch").put_dashboard(
            DashboardName=made.physical_id, DashboardBody=text(new["DashboardBody"])
        )
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("cloudwatch").delete_dashboards(DashboardNames=[made.physical_id])


class Budget(Kind):
    """Ref is the budget's name. The local cloud keeps it; nothing here costs anything, so it never notifies."""

    type = "AWS::Budgets::Budget"
    properties = "Budget NotificationsWithSubscribers ResourceTags"
    required = "Budget"
    replaces = "Budget NotificationsWithSubscribers"

    def create(self, place: Place, wanted: Properties) -> Made:
        budgets = place.client("budgets")
        budget = dict(wanted["Budget"])
        budget.setdefault("BudgetName", place.name(100))
        values: dict[str, Any] = {"AccountId": place.cloud.account_id, "Budget": budget}
        values |= picked(wanted, "NotificationsWithSubscribers")
        budgets.create_budget(**fit(budgets, "create_budget", values))
        return Made(budget["BudgetName"])

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("budgets").delete_budget(AccountId=place.cloud.account_id, BudgetName=made.physical_id)
