"""Data checks of an upload, beyond columns and types: ranges, missing values, new levels, drift. Pure.

Each finding is a warning or a stop, as the model file's ``checks`` say. The baseline is the profile of the data that
the live version was trained on; without one, ranges alone are checked.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.uploads.message_text import shortened
from app.decide.uploads.profiles import Column


class Finding(NamedTuple):
    """A column that fails a check."""

    check: str  # rows | range | missing | new levels | drift
    column: str
    expected: str
    found: str
    action: str  # warn | stop

    def __str__(self) -> str:
        return f"column '{self.column}': expected {self.expected}, found {self.found}"

    def document(self) -> dict[str, str]:
        """As JSON."""
        return self._asdict()


def judge(
    columns: Mapping[str, Column], checks: Mapping[str, Any], baseline: Mapping[str, Any], *, sensitive: bool = False
) -> list[Finding]:
    """Check each column's profile against the model file's ``checks`` and the ``baseline``; stops first.

    Of ``sensitive`` data a finding quotes nothing.
    """
    version, known = baseline.get("version"), baseline.get("columns", {})
    findings: list[Finding] = []
    for name, column in columns.items():
        findings += _range(name, column, checks.get("ranges", {}).get(name, {}), sensitive)
        if name in known and column.rows:
            findings += _missing(name, column, known[name], checks.get("missing", {}), version)
            findings += _levels(name, column, known[name], checks.get("new_categories", {}), version, sensitive)
            findings += _drift(name, column, known[name], checks.get("drift", {}), version)
    return sorted(findings, key=lambda finding: finding.action != "stop")


def of_ids(identity: str, rows: int, repeated: int) -> list[Finding]:
    """Warn of ``repeated`` rows that do not count, as a later row of the same file has their id."""
    if not repeated:
        return []
    remedy = f"if each row is a case, write group: [{identity}] in place of id: {identity} in the model file"
    found = f"{repeated:,} of {rows:,} rows whose id a later row of the file has: they do not count; {remedy}"
    return [Finding("rows", identity, "one row for each id", found, "warn")]


def _range(name: str, column: Column, rule: Mapping[str, Any], sensitive: bool) -> Iterator[Finding]:
    if not rule or column.low is None or column.high is None:
        return
    low, high = rule.get("at_least", -math.inf), rule.get("at_most", math.inf)
    expected = " and ".join(f"{word} {rule[key]:g}" for key, word in BOUNDS.items() if key in rule)
    for value, line, broken in ((*column.low, column.low[0] < low), (*column.high, column.high[0] > high)):
        if broken:
            found = "another number" if sensitive else f"{value:g}"
            yield Finding("range", name, expected, f"{found} on line {line}", rule.get("action", "stop"))


BOUNDS = {"at_least": "at least", "at_most": "at most"}


def _missing(
    name: str, column: Column, before: Mapping[str, Any], rule: Mapping[str, Any], version: Any
) -> Iterator[Finding]:
    was, now = before["missing"] / max(before["rows"], 1), column.missing / column.rows
    noise = 3 * math.sqrt(max(was * (1 - was), 1 / column.rows) / column.rows)  # of a handful of rows
    if now - was > max(float(rule.get("rise", 0.1)), noise):
        expected = f"about {was:.1%} missing, as version {version} was trained with"
        yield Finding("missing", name, expected, f"{now:.1%} of {column.rows} rows", rule.get("action", "warn"))


def _levels(
    name: str, column: Column, before: Mapping[str, Any], rule: Mapping[str, Any], version: Any, sensitive: bool
) -> Iterator[Finding]:
    if before["kind"] != "category" or column.counts is not None or before["other"]:
        return  # where levels are too many to be kept by name, an unknown one is no news
    new = {level: rows for level, rows in column.levels.items() if level not in before["levels"]}
    rows = sum(new.values())
    if rows / column.rows > float(rule.get("share", 0.01)):
        named = (
            f"{len(new)} others"
            if sensitive
            else shortened([f"'{shown(level, 40)}'" for level in sorted(new, key=lambda level: -new[level])], 3)
        )
        expected = f"the {len(before['levels'])} levels that version {version} knows"
        found = f"{named} in {rows} of {column.rows} rows"
        yield Finding("new levels", name, expected, found, rule.get("action", "warn"))


def _drift(
    name: str, column: Column, before: Mapping[str, Any], rule: Mapping[str, Any], version: Any
) -> Iterator[Finding]:
    counts = bins(column, before)
    if counts is None:
        return
    now, was = counts
    value, limit = psi(now, was), float(rule.get("psi", USUAL))
    if value > max(limit, chance(len(now), sum(now), sum(was))):
        expected = f"PSI up to {limit:g} against the data of version {version}"
        yield Finding("drift", name, expected, f"PSI {value:.2f} in {column.rows} rows", rule.get("action", "warn"))
    elif limit <= USUAL and (at := moved(now, was)) is not None:
        what = "a level" if before["kind"] == "category" else "a tenth"
        expected = f"{what} in about {was[at] / sum(was):.1%} of rows, as in the data of version {version}"
        found = f"{now[at] / sum(now):.1%} of {column.rows} rows"
        yield Finding("drift", name, expected, found, rule.get("action", "warn"))


USUAL = 0.25  # the PSI that is usually taken for drift; whoever allows more is told of no single level
LEAST_ROWS, MOVED, SURE = 100, 0.1, 4.5  # rows; of all rows; standard errors


def moved(current: list[int], baseline: list[int]) -> int | None:
    """The bin whose share has at least doubled or halved, and moved by a tenth of all rows, which chance does not do;
    None where there is none. PSI hardly sees a rare level that grows: of 95 and 5 in 100 that become 80 and 20 it is
    0.23. The first bin, what is missing, has a check of its own.
    """
    rows, before = sum(current), sum(baseline)
    if rows < LEAST_ROWS or not before:
        return None
    found = [(abs(now / rows - was / before), at) for at, (now, was) in enumerate(zip(current, baseline, strict=True))]
    for change, at in sorted(found[1:], reverse=True):
        now, was = current[at] / rows, baseline[at] / before
        error = math.sqrt(max(was * (1 - was), 1 / before) * (1 / rows + 1 / before))
        if change >= MOVED and change > SURE * error and (now >= 2 * was or now <= was / 2):
            return at
    return None


def bins(column: Column, before: Mapping[str, Any]) -> tuple[list[int], list[int]] | None:
    """Rows per bin, missing first, now and before; None where the two cannot be set side by side."""
    if before["kind"] == "number":
        if column.counts is None or len(column.counts) != len(before["counts"]):
            return None
        return [column.missing, *column.counts], [before["missing"], *before["counts"]]
    if column.counts is not None:
        return None
    now = [column.levels.get(level, 0) for level in before["levels"]]
    was = list(before["levels"].values())
    return (
        [column.missing, *now, column.rows - column.missing - sum(now)],
        [before["missing"], *was, before["other"]],
    )


def psi(current: list[int], baseline: list[int]) -> float:
    """Population stability index of counts per bin; half a row is added to each bin, so that empty ones are finite.

    Source: Yurdakul (2018), https://scholarworks.wmich.edu/dissertations/3208/
    """
    extra = len(current) / 2
    p = [(rows + 0.5) / (sum(current) + extra) for rows in current]
    q = [(rows + 0.5) / (sum(baseline) + extra) for rows in baseline]
    return sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))


def chance(bins: int, current: int, baseline: int) -> float:
    """PSI that chance alone exceeds once in a thousand times: a chi-square quantile, scaled by both counts of rows.

    Source: Yurdakul (2018), https://scholarworks.wmich.edu/dissertations/3208/; Wilson and Hilferty (1931)
    """
    free = max(bins - 1, 1)
    quantile = free * (1 - 2 / (9 * free) + 3.09 * math.sqrt(2 / (9 * free))) ** 3
    return float(quantile * (1 / max(current, 1) + 1 / max(baseline, 1)))
