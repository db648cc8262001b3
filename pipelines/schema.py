"""The registry of metrics, written into models/model.schema.json: ``python -m pipelines.schema [--check]``.

Editors complete from the schema, and ``retrain check`` and the rules of model files read it, so that neither needs
numpy or the scripts. All of the schema but ``$defs.metric`` is written by hand and stays as it is.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from pipelines.model import model_file

PATH = model_file.MODELS / "model.schema.json"
BLOCK = re.compile(r'    "metric": \{\n.*?\n    \}', re.DOTALL)


def registry() -> list[dict[str, Any]]:
    """Read the metrics of the processing scripts, which are no part of this package."""
    sys.path.append(str(model_file.SCRIPTS))
    from evaluation.metrics import METRICS

    return [metric.document() for metric in METRICS]


def with_metrics(text: str, metrics: Sequence[dict[str, Any]]) -> str:
    """The schema's text with ``metrics`` as its ``$defs.metric``."""
    by_task: dict[str, list[str]] = {}
    for metric in metrics:
        remark = " (lower is better)" if metric["lower_is_better"] else ""
        by_task.setdefault(metric["task"], []).append(f"{metric['name']}{remark}")
    description = "; ".join(f"{task}: {', '.join(names)}" for task, names in by_task.items())
    lines = [
        '    "metric": {',
        f'      "description": "{description}",',
        '      "type": "string",',
        f'      "examples": {json.dumps(list(dict.fromkeys(metric["name"] for metric in metrics)))},',
        '      "metrics": [',
        ",\n".join(f"        {json.dumps(metric, ensure_ascii=False)}" for metric in metrics),
        "      ]",
        "    }",
    ]
    written, count = BLOCK.subn(lambda _: "\n".join(lines), text, count=1)
    if not count:
        raise ValueError(f"{PATH.name} has no $defs.metric of the form that is written here")
    return written


def main() -> int:
    """Write the schema, or with ``--check`` say whether it is stale."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the schema is stale")
    options = parser.parse_args()
    before = PATH.read_text("utf-8")
    text = with_metrics(before, registry())
    if text == before:
        print(f"{PATH.relative_to(model_file.ROOT)} is fresh")
    elif options.check:
        print(f"{PATH.relative_to(model_file.ROOT)}: stale; run make schema")
    else:
        PATH.write_text(text, "utf-8")
        print(f"{PATH.relative_to(model_file.ROOT)}: written")
    return int(options.check and text != before)


if __name__ == "__main__":
    sys.exit(main())
