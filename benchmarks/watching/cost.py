"""``python -m benchmarks.watching.cost``: what watching a model costs a month at list prices, counted from what the
app's own code does in one look, and not measured.

An endpoint that is asked a million times a day captures a share of it; the reconciler has what is new looked at every
five minutes, and each day's uploads are measured before a run learns from them. The endpoint, its traffic and what is
trained are not part of it.
"""

import sys
from typing import NamedTuple

from app.decide.costs.prices import listed
from app.flow.watching import captured

# as prices.json names them
INVOCATIONS, GB_SECONDS, READS, WRITES = "invocations", "GB-seconds", "reads of the ledger", "writes to it"
GETS, PUTS = "reads of S3", "writes to S3"
REQUESTS, DAYS, LOOKS = 1_000_000, 30, 12 * 24  # a day; of a month; a day
LINE_BYTES = 900  # of a captured request of 20 columns: 250 of them, 50 of its answer, the rest is SageMaker's
KEPT_DAYS = 90  # template.yaml: expire-captured-requests
FILES = 60 * 24  # a day: SageMaker writes one a minute for each instance, and there is one
WRITES_OF_FILE = 4  # a transaction of two items counts twice
WRITES_OF_WINDOW = 4
RELISTED = 2 * 60  # files of the hours that a look begins with anew
LOOK_S, MEMORY_GB = 4.0, 0.5  # at most: five files of 200 rows, each parsed and counted
JOB_S, JOBS, JOB_TYPE = 240, 2, "ml.m5.xlarge"  # Preprocess and ScoreChampion of a day's uploads
STORED_USD = 0.023  # a GB a month. Source: https://aws.amazon.com/s3/pricing/
METRICS, METRIC_USD = 2, 0.30  # RunsHeldBack and RunsBegun. Source: https://aws.amazon.com/cloudwatch/pricing/
MOST_USD = 10.0


class Line(NamedTuple):
    """A part of the bill."""

    what: str
    often: float  # a month
    usd: float


def bill(percent: float) -> list[Line]:
    """The parts of a month's bill, of a model of whose requests so many of a hundred are captured."""
    each, hour = listed().each_usd, listed().hour_usd
    lines = REQUESTS * percent / 100
    gigabytes = lines * LINE_BYTES * KEPT_DAYS / 1e9
    files, looks = FILES * DAYS, LOOKS * DAYS
    windows = min(lines, FILES * captured.MOST_ROWS) / 500 * DAYS
    counted = {
        PUTS: files + looks,  # a listing is billed as a write is
        GETS: files + 2 * looks,
        INVOCATIONS: looks,
        GB_SECONDS: looks * LOOK_S * MEMORY_GB,
        READS: looks * (RELISTED + 20),
        WRITES: files * WRITES_OF_FILE + windows * WRITES_OF_WINDOW,
    }
    measured = JOBS * JOB_S * DAYS / 3_600
    return [
        *(Line(what, often, often * each[what]) for what, often in counted.items()),
        Line("GB of captured requests kept", gigabytes, gigabytes * STORED_USD),
        Line("metrics", METRICS, METRICS * METRIC_USD),
        Line(f"hours of {JOB_TYPE} that measure uploads", measured, measured * hour[JOB_TYPE]),
    ]


def total(percent: float) -> float:
    """A month's dollars."""
    return sum(line.usd for line in bill(percent))


def main() -> None:
    """Print the bill."""
    for percent in (1, 10, 100):
        print(f"of {REQUESTS:,} requests a day {percent} % captured: {total(percent):.2f} USD a month")
        for line in bill(percent):
            print(f"  {line.what}: {line.often:,.0f}, {line.usd:.3f} USD")


if __name__ == "__main__":
    sys.exit(main())
