"""Layers of functions: those of this account, and a few of AWS's own that packages of PyPI stand for.

Such a package is installed when a function first asks for its layer, so that a failure is told where it is deployed.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend

from localcloud.front import moto_patches
from localcloud.front.public_layers import requirement_of
from localcloud.lambdas.packages import code
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
_installing = threading.Lock()


class CannotInstall(LambdaClientError):  # type: ignore[misc]
    """pip cannot install what stands for a layer."""

    def __init__(self, arn: str, requirement: str, why: str) -> None:
        said = f"In place of the layer {arn} the local cloud takes {requirement} of PyPI, which pip cannot install: "
        super().__init__("InvalidParameterValueException", said + why)


@dataclass(frozen=True)
class PublicLayer:
    """A version of a layer that is another account's."""

    arn: str
    folder: Path
    code_size: int = 0


def install(cloud: Cloud) -> None:
    """Know public layers from now on."""
    root = cloud.state_dir / "lambdas" / "layers"

    def by_arn(self: LambdaBackend, layer_version_arn: str) -> Any:
        if layer_version_arn.split(":")[4:5] == [cloud.account_id]:
            return original(self, layer_version_arn)
        requirement = requirement_of(layer_version_arn)
        if requirement is None:
            raise NotImplementedError(
                f"The layer {layer_version_arn} is another account's: the local cloud has Powertools and AWSSDKPandas "
                "for Python by their public ARNs; publish others in this account (AWS::Serverless::LayerVersion)"
            )
        return PublicLayer(layer_version_arn, _installed(layer_version_arn, requirement, root))

    original = moto_patches.replace("moto.awslambda.models:LambdaBackend.layers_versions_by_arn", by_arn)


def folder_of(layer: Any, root: Path) -> Path:
    """Where a layer's files lie."""
    return layer.folder if isinstance(layer, PublicLayer) else code.unpacked(layer.code_bytes, root)


def _installed(arn: str, requirement: str, root: Path) -> Path:
    folder = root / f"public-{hashlib.sha256(requirement.encode()).hexdigest()[:16]}"
    with _installing:
        if not folder.is_dir():
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root) as made:
                _install(arn, requirement, Path(made, "layer", "python"))
                shutil.move(Path(made, "layer"), folder)
            log.info("%s stands for the layer %s", requirement, arn)
    return folder


def _install(arn: str, requirement: str, target: Path) -> None:
    """Install a package without what every runtime has."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*command, "--target", str(target), requirement], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall(arn, requirement, " ".join(done.stderr.split())[-500:])
    for name in code.RUNTIME_MODULES:
        shutil.rmtree(target / name, ignore_errors=True)
