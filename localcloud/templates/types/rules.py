"""Event buses and rules."""

from __future__ import annotations

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, picked


class EventBus(Kind):
    """A custom bus."""

    type = "AWS::Events::EventBus"
    properties = "Name Description Tags"
    required = "Name"
    replaces = "Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        arn = place.client("events").create_event_bus(
            Name=wanted["Name"], Tags=place.tag_list(wanted.get("Tags")), **picked(wanted, "Description")
        )["EventBusArn"]
        return Made(wanted["Name"], {"Arn": arn, "Name": wanted["Name"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("events").delete_event_bus(Name=made.physical_id)


class Rule(Kind):
    """Ref is the rule's name (``bus|rule`` on a custom bus)."""

    type = "AWS::Events::Rule"
    properties = "Name EventPattern ScheduleExpression State Description EventBusName RoleArn Targets Tags"
    replaces = "Name EventBusName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(64)
        arn = self._put(place, name, wanted)
        bus = wanted.get("EventBusName")
        return Made(f"{_bus_name(bus)}|{name}" if bus and bus != "default" else name, {"Arn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, _rule_name(made), new)
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        events, name, bus = place.client("events"), _rule_name(made), picked(new, "EventBusName")
        targets = new.get("Targets") or []
        kept = {target["Id"] for target in targets}
        gone = [target["Id"] for target in old.get("Targets") or [] if target["Id"] not in kept]
        if gone:
            events.remove_targets(Rule=name, Ids=gone, **bus)
        if targets and changed(old, new, "Targets"):
            answer = events.put_targets(**fit(events, "put_targets", {"Rule": name, "Targets": targets, **bus}))
            if answer.get("FailedEntryCount"):
                raise ResourceFailed(f"Targets of rule {name} were refused: {answer['FailedEntries']}")

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        events, name, bus = place.client("events"), _rule_name(made), picked(properties, "EventBusName")
        ids = [target["Id"] for target in events.list_targets_by_rule(Rule=name, **bus)["Targets"]]
        if ids:
            events.remove_targets(Rule=name, Ids=ids, **bus)
        events.delete_rule(Name=name, **bus)

    def _put(self, place: Place, name: str, wanted: Properties) -> str:
        events = place.client("events")
        values = picked(wanted, "EventPattern", "ScheduleExpression", "State", "Description", "EventBusName", "RoleArn")
        values |= {"Name": name, "Tags": place.tag_list(wanted.get("Tags"))}
        arn: str = events.put_rule(**fit(events, "put_rule", values))["RuleArn"]
        return arn


def _rule_name(made: Made) -> str:
    return made.physical_id.rsplit("|", 1)[-1]


def _bus_name(bus: str) -> str:
    return bus.rsplit("/", 1)[-1]
