"""EventBridge Scheduler's schedules and their groups."""

from __future__ import annotations

from localcloud.templates.resource_types import Kind, Made, Place, Properties
from localcloud.templates.types.shapes import fit, picked


class ScheduleGroup(Kind):
    """Ref is the group's name; its schedules go with it.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedulegroup.html
    """

    type = "AWS::Scheduler::ScheduleGroup"
    properties = "Name Tags"
    replaces = "Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(64)
        scheduler = place.client("scheduler")
        arn = scheduler.create_schedule_group(Name=name, Tags=place.tag_list(wanted.get("Tags")))["ScheduleGroupArn"]
        return Made(name, {"Arn": arn, "State": "ACTIVE"})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        scheduler, arn = place.client("scheduler"), made.attributes["Arn"]
        before, after = place.tag_map(old.get("Tags")), place.tag_list(new.get("Tags"))
        if gone := sorted(set(before) - {tag["Key"] for tag in after}):
            scheduler.untag_resource(ResourceArn=arn, TagKeys=gone)
        if after:
            scheduler.tag_resource(ResourceArn=arn, Tags=after)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("scheduler").delete_schedule_group(Name=made.physical_id)


class Schedule(Kind):
    """Ref is the schedule's name; what it says of itself is checked where schedules are made.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html
    """

    type = "AWS::Scheduler::Schedule"
    properties = (
        "Name GroupName ScheduleExpression ScheduleExpressionTimezone StartDate EndDate Description State KmsKeyArn "
        "Target FlexibleTimeWindow"
    )
    required = "ScheduleExpression Target FlexibleTimeWindow"
    replaces = "Name GroupName"

    def create(self, place: Place, wanted: Properties) -> Made:
        scheduler, name = place.client("scheduler"), wanted.get("Name") or place.name(64)
        arn = scheduler.create_schedule(**fit(scheduler, "create_schedule", {**wanted, "Name": name}))["ScheduleArn"]
        return Made(name, {"Arn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        scheduler = place.client("scheduler")
        scheduler.update_schedule(**fit(scheduler, "update_schedule", {**new, "Name": made.physical_id}))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("scheduler").delete_schedule(Name=made.physical_id, **picked(properties, "GroupName"))
