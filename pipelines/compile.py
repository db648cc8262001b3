"""Model files to pipeline definitions, with the SageMaker SDK: ``python -m pipelines.compile [MODEL …] [--check]``.

Offline and without credentials. What differs between stacks and regions stays a placeholder, which ``publish`` fills;
the result is committed like a lock file, so that publishing needs no SDK.
"""

import argparse
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from pipelines.definition.placeholders import IMAGES
from pipelines.model import model_file, views
from pipelines.model.views import View
from pipelines.publishing import freshness


def compiled(models: list[str]) -> dict[Path, str]:
    """Compile ``models`` and list the images; text by the path that it belongs to."""
    prepare_sdk()
    from pipelines.definition.image_registries import registries
    from pipelines.definition.sdk_pipeline import definitions

    documents: dict[Path, Any] = {}
    for name in models:
        model = model_file.load(model_file.path_of(name))
        metadata = {"CompiledFrom": freshness.fingerprint(model)}
        for tuned, definition in definitions(views.document(View.DEFINITION, model)).items():
            documents[freshness.definition_path(name, tuned=tuned)] = definition | {"Metadata": metadata}
    documents[freshness.IMAGES_PATH] = {name: registries(*framework) for name, framework in IMAGES.items()}
    return {path: json.dumps(document, indent=1, sort_keys=True) + "\n" for path, document in documents.items()}


def prepare_sdk() -> None:
    """Keep the SDK from looking for credentials and a region, from chatter and from calling home; before its import."""
    os.environ.update(
        AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", SAGEMAKER_VALIDATE_ROLE="false",
        SAGEMAKER_ADMIN_CONFIG_OVERRIDE="/dev/null", SAGEMAKER_USER_CONFIG_OVERRIDE="/dev/null",
    )  # fmt: skip
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    from sagemaker.core.telemetry import telemetry_logging

    telemetry_logging._send_telemetry_request = lambda *_args, **_kwargs: None


def main() -> int:
    """Write the compiled files, or with ``--check`` say which are not what the model files give."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.compile", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names of files in models/; all when none is given")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a compiled file is stale")
    options = parser.parse_args()
    try:
        texts = compiled(options.models or model_file.names())
    except model_file.BadModelFile as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"{error}: compile with the SageMaker SDK, .venv-sdk/bin/python -m pipelines.compile", file=sys.stderr)
        return 1
    stale = [path for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        verdict = "stale; run python -m pipelines.compile" if options.check else "written"
        print(f"{path.relative_to(model_file.ROOT)}: {verdict}")
        if not options.check:
            path.write_text(texts[path], "utf-8")
    if not stale:
        print(f"{len(texts)} compiled files are fresh")
    return int(bool(stale) and options.check)


if __name__ == "__main__":
    sys.exit(main())
