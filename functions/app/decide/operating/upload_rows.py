"""A model's uploads in a list, and the form that withdraws one of them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.pages.questions import LONGEST_NAME, LONGEST_REASON, minute
from app.decide.records import RunRecord

LONGEST_WHY = 200  # characters


class UploadRow(NamedTuple):
    """An accepted upload."""

    name: str  # below the model's folder
    at: str
    rows: str
    run: str  # whose batch it joined
    state: str  # whether later runs learn from it
    warnings: int
    sort_key: str  # "" of one that is withdrawn


class Withdrawal(NamedTuple):
    """What the form says."""

    sort_key: str
    why: str  # with who says so, and when


def upload_rows(accepted: Sequence[Mapping[str, Any]], runs: Sequence[RunRecord]) -> tuple[UploadRow, ...]:
    """The uploads, newest first; ``runs`` (newest first) know what was left out."""
    newest = next((run for run in runs if run.plan), None)
    left = {(one["key"], one["version_id"]): one["why"] for one in newest.left_out} if newest else {}
    newest_first = sorted(accepted, key=lambda one: str(one["uploaded_at"]), reverse=True)
    return tuple(_row(one, left.get((one["key"], one["version_id"]), "")) for one in newest_first)


def _row(upload: Mapping[str, Any], left_out: str) -> UploadRow:
    withdrawn = str(upload.get("withdrawn") or "")
    state = f"withdrawn: {withdrawn}" if withdrawn else f"left out: {left_out}" if left_out else "counts"
    name = shown(str(upload["key"]).split("/", 2)[-1])
    return UploadRow(
        name, minute(str(upload["uploaded_at"])), f"{int(upload.get('rows') or 0):,}",
        str(upload.get("run", "")), shown(state, LONGEST_WHY), len(upload.get("warnings") or []),
        "" if withdrawn else str(upload["sk"]),
    )  # fmt: skip


def withdrawal(form: Mapping[str, str], now: datetime) -> tuple[Withdrawal, str]:
    """What a form says, and what is wrong with it in a sentence; "" for nothing."""
    upload, who, reason = (form.get(name, "").strip() for name in ("upload", "who", "reason"))
    made = Withdrawal(upload, f"{reason} ({who}, not proven, {now:%Y-%m-%d})")
    if not upload:
        return made, "Choose the upload that is to be withdrawn."
    if not who or len(who) > LONGEST_NAME:
        return made, f"Say who you are, in at most {LONGEST_NAME} characters."
    if not reason or len(reason) > LONGEST_REASON:
        return made, f"Give a reason of at most {LONGEST_REASON} characters: every later run names it."
    return made, ""
