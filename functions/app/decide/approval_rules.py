"""Approval: the desired version, and the outputs of the states that wait for a decision or a deployment. Pure."""

from typing import Any

from app.decide.names.statuses import Approval


def newest_eligible(approved: list[int], failed: set[int]) -> int | None:
    """The desired version: the newest approved one that has not failed."""
    return max((version for version in approved if version not in failed), default=None)


def superseded_output(version: int, desired: int | None) -> dict[str, Any]:
    """The output of the state ``Deploy version`` where another version is the desired one."""
    why = f"version {desired} is the one to serve" if desired else "it is not approved any more"
    return {"in_service": False, "reasons": [f"version {version} is superseded: {why}"]}


def approval_output(status: Approval, by: str, reason: str) -> dict[str, Any]:
    """The output of the state ``Request approval`` for a decision: who made it, "" where nobody knows, and why."""
    who = ("approved" if status is Approval.APPROVED else "rejected") + (f" by {by}" if by else "")
    return {"approved": status is Approval.APPROVED, "who": who, "reasons": [who + (f": {reason}" if reason else "")]}
