"""Is a compiled definition what its model file gives? Known without the SageMaker SDK, by a fingerprint.

The definition's ``Metadata`` carries the hash of what it was compiled from: what the compiler sees of the model file,
and the compiler's code.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelines import names
from pipelines.definition import tuning
from pipelines.model import model_file, views
from pipelines.model.views import View

HERE = Path(__file__).parents[1]
COMPILED = HERE / "compiled"
IMAGES_PATH = COMPILED / "images.json"
COMPILER = (*sorted((HERE / "definition").glob("*.py")), HERE / "model" / "eval_metrics.py", HERE / "names.py")
SDK = model_file.ROOT / ".venv-sdk"
SDK_LOCK = model_file.ROOT / "requirements" / "sdk.txt"


class Stale(RuntimeError):
    """A compiled definition is missing or older than its model file."""


def definition_path(model: str, *, tuned: bool = False) -> Path:
    """Where the compiled definition is kept of the pipeline that trains ``model``, or of the one that tunes it."""
    return COMPILED / (f"{model}{names.SEPARATOR}{names.TUNED}.json" if tuned else f"{model}.json")


def fingerprint(model: Mapping[str, Any]) -> str:
    """Hash what a definition depends on: the checked model file's view of it, and the code that compiles it."""
    digest = hashlib.sha256(views.content(View.DEFINITION, model))
    for path in COMPILER:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh(model: Mapping[str, Any]) -> bool:
    """Whether the committed definitions of ``model`` are what compiling would give."""
    paths = [definition_path(model["name"], tuned=tuned) for tuned in tuning.kinds(model)]
    return all(path.is_file() for path in paths) and {_compiled_from(path) for path in paths} == {fingerprint(model)}


def _compiled_from(path: Path) -> str | None:
    found: str | None = json.loads(path.read_text("utf-8"))["Metadata"].get("CompiledFrom")
    return found


def compiled_text(model: Mapping[str, Any], *, tuned: bool = False) -> str:
    """Read the compiled definition of the pipeline that trains ``model``, or of the one that tunes it.

    Raises:
        Stale: when it has to be compiled first.
    """
    path = definition_path(model["name"], tuned=tuned)
    if not is_fresh(model):
        raise Stale(f"{path.relative_to(model_file.ROOT)} is not what models/{model['name']}.yaml gives; compile it")
    return path.read_text("utf-8")


def ensure_compiled(model_name: str, say: Callable[[str], None]) -> None:
    """Compile ``model_name`` if its definition is stale, with the SDK in an environment of its own, made on first need.

    ``say`` hears what takes long.

    Raises:
        model_file.BadModelFile: when the model file has problems.
        subprocess.CalledProcessError: when the SDK cannot be installed or does not compile.
    """
    if is_fresh(model_file.load(model_file.path_of(model_name))):
        return
    python = SDK / "bin" / "python"
    if not python.is_file():
        say("installing the SageMaker SDK in .venv-sdk, about 1 GB, once")
        _call(sys.executable, "-m", "venv", str(SDK))
        _call(str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(SDK_LOCK))
    say(f"compiling models/{model_name}.yaml with the SageMaker SDK")
    _call(str(python), "-m", "pipelines.compile", model_name)


def _call(*command: str) -> None:
    subprocess.run(command, cwd=model_file.ROOT, check=True, stdout=subprocess.DEVNULL)
