"""Drift: has the data changed since the champion was trained? Test rows, a fair sample, against its profile."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from data import profiles
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from numpy.typing import NDArray

PSI = 0.25  # usually taken for drift; the model file may say another limit


def against(baseline: Mapping[str, Any] | None, test: HeldOut, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Compare each column of the baseline that is still there, most drifted first; empty without a baseline."""
    if not baseline:
        return []
    marks, columns = frozenset(config["data"]["missing"]), config["data"]["columns"]
    limit = float(config.get("checks", {}).get("drift", {}).get("psi", PSI))
    there = {name: column for name, column in baseline["columns"].items() if name in test.header}
    counted = test.counted(there)
    lines = [
        _line(name, column, counted[name], ColumnRule.parse(columns.get(name, ""), marks).missing, limit)
        for name, column in there.items()
    ]
    return sorted(lines, key=lambda line: (-line["psi"], line["column"]))


def _line(
    name: str, column: Mapping[str, Any], counted: Counter[str], missing: frozenset[str], limit: float
) -> dict[str, Any]:
    rows = counted.total()
    part = np.array(list(counted), dtype=object), np.array(list(counted.values()))
    if column["kind"] == "number":
        counts = profiles.rebinned([part], missing, column["edges"])
        today: dict[str, Any] = {"kind": "number", "missing": rows - sum(counts), "counts": counts}
    else:
        today = profiles.category_column([part], missing)
    now, before = profiles.shares(today, column), profiles.shares(column)
    value, noise = profiles.psi(now, before), chance(len(now), now.sum(), before.sum())
    drifted = value > max(limit, noise) or (limit <= PSI and moved(now, before))
    return {
        "column": name, "psi": float(f"{value:.4g}"), "drifted": drifted, "limit": limit,
        "chance": float(f"{noise:.4g}"), "missing": today["missing"] / max(rows, 1),
        "missing_before": column["missing"] / max(column["rows"], 1),
    }  # fmt: skip


LEAST_ROWS, MOVED, SURE = 100, 0.1, 4.5  # rows; of all rows; standard errors


def moved(now: NDArray[np.float64], before: NDArray[np.float64]) -> bool:
    """Whether the share of a bin has at least doubled or halved, and moved by a tenth of all rows, which chance does
    not do: PSI hardly sees a rare level that grows. What is missing, the first bin, is told by itself.
    """
    rows, all_before = float(now.sum()), float(before.sum())
    if rows < LEAST_ROWS or not all_before:
        return False
    p, q = now[1:] / rows, before[1:] / all_before
    change = np.abs(p - q)
    error = np.sqrt(np.maximum(q * (1 - q), 1 / all_before) * (1 / rows + 1 / all_before))
    return bool(((change >= MOVED) & (change > SURE * error) & ((p >= 2 * q) | (p <= q / 2))).any())


def chance(bins: int, rows: float, baseline_rows: float) -> float:
    """Compute the PSI that chance alone exceeds once in a thousand times: a chi-square quantile, scaled by the rows.

    Source: Yurdakul (2018), https://scholarworks.wmich.edu/dissertations/3208/; Wilson and Hilferty (1931) for the
    quantile
    """
    free = max(bins - 1, 1)
    quantile = free * (1 - 2 / (9 * free) + 3.09 * math.sqrt(2 / (9 * free))) ** 3
    return float(quantile * (1 / max(rows, 1) + 1 / max(baseline_rows, 1)))
