"""A user's project, the SDK that it imports, and the local cloud that it runs on."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud import CloudServer, bare_environment

from cli.stack.local.sdk_defaults import SdkDefaults

ROOT = Path(__file__).parents[2]
PROGRAM_DEADLINE_S = 240
NOWHERE = "http://127.0.0.1:9"  # the proxy of all that is not on this machine: who calls AWS itself, fails


@dataclass(frozen=True)
class Sdk:
    """One major version of the SageMaker SDK, in its environment."""

    version: int
    target: str  # of the Makefile

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ROOT / self.target.partition("/")[0] / "bin" / "python"


V2, V3 = Sdk(2, ".venv-sdk2/.done"), Sdk(3, ".venv-sdk/.done")


@dataclass(frozen=True)
class Workplace:
    """A local cloud, and what its user exports."""

    cloud: CloudServer
    sdk: SdkDefaults

    @property
    def environment(self) -> dict[str, str]:
        """As after the lines that `retrain up` prints."""
        variable, _, path = self.sdk.export.partition("=")
        return bare_environment() | {
            "AWS_ENDPOINT_URL": self.cloud.url, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", variable: path,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true", "HTTPS_PROXY": NOWHERE,
            "SAGEMAKER_SUPPRESS_V2_WARNING": "1", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self.cloud.client(service)

    def put(self, key: str, body: str | bytes) -> str:
        """Put an object into the SDK's default bucket; its URI."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=self.sdk.bucket)
        s3.put_object(Bucket=self.sdk.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{self.sdk.bucket}/{key}"

    def aws(self, *words: str) -> Any:
        """What the AWS CLI answers."""
        done = subprocess.run(
            [Path(sys.executable).parent / "aws", *words, "--output", "json"],
            env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None


@dataclass(frozen=True)
class Project:
    """A folder of a user's programs, and the SDK that they import."""

    sdk: Sdk
    folder: Path
    workplace: Workplace

    def run(self, program: str, *words: str, **variables: str) -> Any:
        """Run one of the programs; the JSON document that it prints last."""
        done = self.attempt(program, *words, **variables)
        assert done.returncode == 0, f"{program}: {done.stderr[-3000:]}\n{done.stdout[-3000:]}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    def attempt(self, program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of the programs, which may fail."""
        return subprocess.run(
            [self.sdk.python, program, *words], cwd=self.folder, env=self.workplace.environment | variables,
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PROGRAM_DEADLINE_S,
        )  # fmt: skip
