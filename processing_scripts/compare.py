"""Of several algorithms' evaluations, all on the same held-out rows, the best by one metric wins.

Reads  <algorithm>/               evaluation.json (and its report and profile) of each
       <algorithm>-verification/  verification.json of each
Writes comparison/comparison.json  the metric, every candidate's figures, best first, and the winner
       evaluation/                 the winner's, with the comparison in evaluation.json
       verification/               the winner's
"""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.weighted_metrics import BETTER_LOW
from job import command_line, world
from job.refusals import Refused
from report import page

EXAMPLE = """example, with folders of two evaluations:
  python processing_scripts/compare.py --input /tmp/evaluated --algorithms xgboost knn \\
    --output /tmp/compared --metric rmse
"""


def ranking(found: Mapping[str, Mapping[str, Any]], metric: str) -> list[str]:
    """Algorithms, best first; without a defined metric last, equal ones in the model file's order."""
    lower = metric in BETTER_LOW

    def key(name: str) -> float:
        value = found[name]["metrics"].get(metric)
        return math.inf if value is None else value if lower else -value

    return sorted(found, key=key)


def metric_of(text: str, known: Sequence[str]) -> str:
    """The metric as it is called here; RMSE and rmse are the same.

    Raises:
        Refused: when the task has no such metric.
    """
    if text.lower() not in known:
        raise Refused(f"there is no metric {text!r} to compare by; known here: {', '.join(known)}")
    return text.lower()


def comparison(found: Mapping[str, Mapping[str, Any]], metric: str) -> dict[str, Any]:
    """Word the comparison as comparison.json."""
    order = ranking(found, metric)
    candidates = [
        {"algorithm": name, "metrics": found[name]["metrics"], "passed": found[name]["verdict"]["passed"]}
        for name in order
    ]
    better = "lower" if metric in BETTER_LOW else "higher"
    return {"metric": metric, "better": better, "winner": order[0], "candidates": candidates}


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    parser.add_argument("--input", type=Path, default=world.processing_dir(), help="where the evaluations' folders are")
    parser.add_argument("--algorithms", nargs="+", required=True, help="their names, which are their folders' names")
    parser.add_argument("--metric", required=True, help="RMSE, MSE, MAE or R2, or another that evaluation.json has")
    options = parser.parse_args()
    found = {
        name: world.read_json(options.input / name / "evaluation.json", "evaluation") for name in options.algorithms
    }
    metric = metric_of(options.metric, list(found[options.algorithms[0]]["metrics"]))
    result = comparison(found, metric)
    winner = result["winner"]
    world.write_json(options.output / "comparison" / "comparison.json", result)
    for source, target in ((winner, "evaluation"), (f"{winner}-verification", "verification")):
        shutil.copytree(options.input / source, options.output / target, dirs_exist_ok=True)
    evaluation = found[winner] | {"algorithm": winner, "comparison": result}
    world.write_json(options.output / "evaluation" / "evaluation.json", evaluation)
    (options.output / "evaluation" / "report.html").write_text(page.render(evaluation), "utf-8")
    print(json.dumps({"metric": metric, "winner": winner}))


if __name__ == "__main__":
    world.run(main)
