"""What the data bucket lets go of by itself: nothing that serves, is approved, is learnt from or is in the cache."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.decide.names.bucket_keys import config_key, judged_uri, split_uri, version_key
from samtranslator.yaml_helper import yaml_parse

from localcloud.sagemaker.pipelines.caching import lifetime

ROOT = Path(__file__).parents[2]
BUCKET: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["DataBucket"]["Properties"]
RULES: list[dict[str, Any]] = BUCKET["LifecycleConfiguration"]["Rules"]
KEPT = [
    "incoming/churn/a.csv", "datasets/churn/objects/a.csv", "scored/churn/a.csv", "quarantine/churn/a.csv",
    "code/00/evaluate.py", "config/versions/churn/00.json", "config/baselines/churn/1.json",
    config_key("churn"), version_key("churn", 1), split_uri(judged_uri("b", "churn", "run", "model.tar.gz"))[1],
]  # fmt: skip
A_RUN = timedelta(days=1)  # the machine gives a pipeline a day


def expiring(key: str) -> list[dict[str, Any]]:
    """The rules by which an object that nobody overwrote goes."""
    return [rule for rule in RULES if "ExpirationInDays" in rule and key.startswith(rule.get("Prefix", ""))]


def test_what_serves_or_is_learnt_from_never_expires() -> None:
    assert {key: rules for key in KEPT if (rules := expiring(key))} == {}


def test_outputs_of_runs_outlast_the_cache_that_reads_them() -> None:
    texts = [path.read_text() for path in (ROOT / "pipelines" / "compiled").glob("*.json")]
    lifetimes = {
        lifetime(json.loads(found)) for text in texts for found in re.findall(r'"ExpireAfter": ("[^"]+")', text)
    }
    (of_cache,) = lifetimes

    for key in ("pipelines/churn/execution/Train/model.tar.gz", "transforms/churn/skipped/0a/status.json"):
        (rule,) = expiring(key)
        assert of_cache is not None
        assert timedelta(days=rule["ExpirationInDays"]) > of_cache + A_RUN


def test_noncurrent_versions_of_everything_go_and_not_before_a_run_has_read_them() -> None:
    (rule,) = [rule for rule in RULES if "NoncurrentVersionExpiration" in rule]

    assert "Prefix" not in rule
    assert timedelta(days=rule["NoncurrentVersionExpiration"]["NoncurrentDays"]) > timedelta(days=7) + A_RUN
