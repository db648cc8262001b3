"""Where the command talks to: a local cloud that runs, an endpoint that the environment names, or AWS.

Nothing but the clients' endpoint differs between them.
"""

import json
import os
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cli.debugging import watch
from cli.errors import UserError
from pipelines.names import resource_name

if TYPE_CHECKING:  # boto3 is loaded by who makes the first client: `--help` needs none
    from datetime import datetime

    from app.ledger import Ledger

DEFAULT_STACK = "retrain"
LOCAL_REGION = "us-east-1"
LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 4566
HOME = Path(".retrain")
DEFAULT_STATE = HOME / "state"
LOCAL_POLL_S = 0.1


@dataclass(frozen=True)
class Target:
    """One place to talk to. ``url`` is None for AWS."""

    url: str | None
    stack: str = DEFAULT_STACK
    known: dict[str, str] | None = field(default=None, compare=False, repr=False, kw_only=True)  # outputs

    @property
    def local(self) -> bool:
        """Whether this is a cloud on this machine (which costs nothing and asks for no credentials)."""
        return self.url is not None and any(name in self.url for name in ("//127.0.0.1", "//localhost", "//[::1]"))

    def __str__(self) -> str:
        """In words, for the line that says what is talked to."""
        if self.local:
            return f"the local cloud at {self.url}"
        return f"AWS at {self.url}" if self.url else f"AWS ({_session().region_name or 'no region set'})"

    def resource(self, model: str) -> str:
        """Pipeline, package group and endpoint of a model of the stack."""
        return resource_name(self.stack, model)

    def client(self, service: str) -> Any:
        """A boto3 client of ``service`` at this place; made once."""
        return _client(service, self.url, self.local)

    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name.

        Raises:
            UserError: when there is no such stack here.
        """
        if self.known is not None:
            return self.known
        return {output["OutputKey"]: output["OutputValue"] for output in self._described().get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """The stack's parameters by name, as it was deployed.

        Raises:
            UserError: when there is no such stack here.
        """
        return {one["ParameterKey"]: one["ParameterValue"] for one in self._described().get("Parameters", [])}

    def created_at(self) -> "datetime":
        """When the stack was created.

        Raises:
            UserError: when there is no such stack here.
        """
        at: datetime = self._described()["CreationTime"]
        return at

    def _described(self) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        try:
            stacks: list[dict[str, Any]] = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        except ClientError as error:
            remedy = "start one with `retrain up`" if self.local or self.url is None else "deploy it with `sam deploy`"
            raise UserError(
                f"no stack '{self.stack}' at {self}: {remedy} ({error.response['Error']['Message']})"
            ) from error
        return stacks[0]

    def glance(self) -> Self:
        """The same, with the outputs as they are now: for who only reads, and is done before a stack changes.

        Raises:
            UserError: when there is no such stack here.
        """
        return replace(self, known=self.outputs())

    def caller(self) -> str:
        """The name that IAM has for whoever calls: a user's, or that of a role's session.

        Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (needs no permission)
        """
        arn = str(self.client("sts").get_caller_identity()["Arn"])
        return arn.replace(":", "/").rsplit("/", 1)[-1]

    def sign(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """Headers that sign a request to a function's URL with the caller's credentials.

        Raises:
            UserError: there are none.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-iam
        """
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        credentials = (_local_session() if self.local else _session()).get_credentials()
        if credentials is None:
            raise UserError(
                "there are no credentials to sign with: sign in, `aws sts get-caller-identity` says as whom"
            )
        request = AWSRequest(method=method, url=url, data=body)
        SigV4Auth(credentials, "lambda", self.client("lambda").meta.region_name).add_auth(request)
        return dict(request.headers.items())

    def ledger(self) -> "Ledger":
        """The stack's ledger, read with the very code that writes it."""
        from app.ledger import Ledger

        return Ledger(self.outputs()["LedgerTableName"], self.client("dynamodb"))

    def poll_s(self, on_aws: float) -> float:
        """Seconds between two looks at something that changes: ``on_aws`` there, hardly any here."""
        return LOCAL_POLL_S if self.local else on_aws


@cache
def _session() -> Any:
    import boto3

    return watch(boto3.Session())


@cache
def _client(service: str, url: str | None, local: bool) -> Any:
    if not local:
        return _session().client(service, endpoint_url=url)
    from botocore.config import Config

    return _local_session().client(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 2}))


@cache
def _local_session() -> Any:
    """The local cloud takes any credentials, and nothing else does."""
    import boto3

    session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=LOCAL_REGION)
    return watch(session)


def running(state: Path = DEFAULT_STATE) -> dict[str, Any] | None:
    """What the local cloud wrote about itself (``pid``, ``start``, ``port``, ``url``), or None when none lives there.

    The folder's lock says whether one lives: what was written may be of one that was killed.
    """
    from localcloud.front import state_folder

    try:
        about: dict[str, Any] = json.loads((state / "server.json").read_text())
        described = isinstance(about["pid"], int) and isinstance(about["url"], str)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return about if described and state_folder.is_used(state) else None


def remembered_state() -> Path:
    """The state folder of the last ``retrain up`` in this folder."""
    try:
        return Path((HOME / "up").read_text().strip())
    except OSError:
        return DEFAULT_STATE


def find_gone(target: Target) -> Path | None:
    """The state folder of a local cloud that should run but does not, when ``target`` is AWS for want of it."""
    return remembered_state() if target.url is None and (HOME / "up").exists() else None


def find(stack: str = DEFAULT_STACK) -> Target:
    """``AWS_ENDPOINT_URL`` if it is set, else the running local cloud, else AWS."""
    url = os.environ.get("AWS_ENDPOINT_URL")
    if url is None and (about := running(remembered_state())):
        url = about["url"]
    return Target(url, stack)
