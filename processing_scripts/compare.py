"""Compare several algorithms' evaluations, all on the same test rows: the best by one metric wins.

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

from evaluation import metrics
from job import command_line, world
from report import page

EXAMPLE = """example, with folders of two evaluations:
  python processing_scripts/compare.py --input /tmp/evaluated --algorithms xgboost knn \\
    --output /tmp/compared --metric rmse
"""


def ranking(evaluations: Mapping[str, Mapping[str, Any]], metric: str) -> list[str]:
    """Order the algorithms, best first; without a defined metric last, equal ones in the model file's order."""
    lower_is_better = metrics.named(metric).lower_is_better

    def key(name: str) -> float:
        value = evaluations[name]["metrics"].get(metric)
        return math.inf if value is None else value if lower_is_better else -value

    return sorted(evaluations, key=key)


def metric_of(text: str, known: Sequence[str]) -> str:
    """Read the metric's name in either case: RMSE and rmse are the same.

    Raises:
        Refused: when it is not ``known``: the evaluations have no such metric.
    """
    return metrics.named(text.lower(), known).name


def comparison(evaluations: Mapping[str, Mapping[str, Any]], metric: str) -> dict[str, Any]:
    """Word the comparison as comparison.json."""
    order = ranking(evaluations, metric)
    candidates = [
        {"algorithm": name, "metrics": evaluated["metrics"], "passed": evaluated["verdict"]["passed"]}
        for name, evaluated in ((name, evaluations[name]) for name in order)
    ]
    better = "lower" if metrics.named(metric).lower_is_better else "higher"
    return {"metric": metric, "better": better, "winner": order[0], "candidates": candidates}


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    parser.add_argument("--input", type=Path, default=world.processing_dir(), help="where the evaluations' folders are")
    parser.add_argument("--algorithms", nargs="+", required=True, help="their names, which are their folders' names")
    parser.add_argument("--metric", required=True, help="one that evaluation.json has: RMSE, R2, …")
    options = parser.parse_args()
    evaluations = {
        name: world.read_json(options.input / name / "evaluation.json", "evaluation") for name in options.algorithms
    }
    metric = metric_of(options.metric, list(evaluations[options.algorithms[0]]["metrics"]))
    result = comparison(evaluations, metric)
    winner = result["winner"]
    world.write_json(options.output / "comparison" / "comparison.json", result)
    for source, target in ((winner, "evaluation"), (f"{winner}-verification", "verification")):
        shutil.copytree(options.input / source, options.output / target, dirs_exist_ok=True)
    evaluation = evaluations[winner] | {"algorithm": winner, "comparison": result}
    world.write_json(options.output / "evaluation" / "evaluation.json", evaluation)
    (options.output / "evaluation" / "report.html").write_text(page.render(evaluation), "utf-8")
    print(json.dumps({"metric": metric, "winner": winner}))


if __name__ == "__main__":
    world.run(main)
