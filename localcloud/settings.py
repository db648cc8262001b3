"""Where the local cloud is: its account, region, address and folder. The one place that makes its boto3 clients."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore import loaders
from botocore.config import Config

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
DEFAULT_PORT = 4566
LOOPBACK = "127.0.0.1"
ACCESS_KEY = "LOCALCLOUD"  # this server's own
ROOT_KEYS = (ACCESS_KEY, "local")  # of the account's root user; the latter is what `retrain up` prints
SECRET_KEY = "local"  # noqa: S105 - whoever may ask this server knows it
APIS_PATH = "/_apis/"  # an API is called at /_apis/<id>/<stage>/<path>: no bucket can have such a name
ANSWERED_DIRECTLY = "s3"  # it is what jobs ask most, and none of its calls waits for another
SAYS_IN_PART = "before-call."  # of botocore's events: no request is made, and none is answered as S3 would
LONGEST_CALL_S = 960  # a synchronous Lambda may take 900 s

_CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=LONGEST_CALL_S,
    max_pool_connections=64,
    inject_host_prefix=False,
    s3={"addressing_style": "path"},
)


class _Parsed(loaders.JSONFileLoader):
    """Reads each of botocore's files once in a process, however many sessions and loaders ask for it."""

    _files: dict[str, Any] = {}

    def load_file(self, file_path: str) -> Any:
        """What the file holds; None where there is none."""
        if file_path not in self._files:
            self._files[file_path] = super().load_file(file_path)
        return _own_operations(self._files[file_path])


def _own_operations(parsed: Any) -> Any:
    """A service's description in which a client may write where its operations are: S3's takes the bucket from their
    paths, and whoever else reads them would not know an object from its bucket any more.
    """
    if not isinstance(parsed, dict) or "operations" not in parsed:
        return parsed
    operations = {name: _copied(operation) for name, operation in parsed["operations"].items()}
    return {**parsed, "operations": operations}


def _copied(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(said) if isinstance(said, dict) else said for name, said in operation.items()}


def parse_once() -> None:
    """Let whatever describes services and endpoints be parsed once: clients, moto and this package all ask for it.

    botocore's folder of 400 services is read once, too: moto makes a loader for each service, and each read it.
    """
    if loaders.Loader.FILE_LOADER_CLASS is _Parsed:
        return
    loaders.Loader.FILE_LOADER_CLASS = _Parsed
    search: Callable[[Any, str], list[str]] = loaders.Loader.list_available_services
    listed: dict[tuple[str, ...], list[str]] = {}

    def list_available_services(self: loaders.Loader, type_name: str) -> list[str]:
        key = (type_name, *self.search_paths)
        if key not in listed:
            listed[key] = search(self, type_name)
        return listed[key]

    loaders.Loader.list_available_services = list_available_services  # type: ignore[method-assign]
    _extend_copies()


def _extend_copies() -> None:
    """Let what moto adds to a service's description be moto's alone: with the codes of its errors, a client would not
    know SQS's any more.
    """
    extend: Callable[..., None] = loaders.ExtrasProcessor.process

    def process(self: Any, original_model: Any, extra_models: Iterable[Mapping[str, Any]]) -> None:
        extra = list(extra_models)
        for part in {name for one in extra for name in one.get("merge", ())} & set(original_model):
            original_model[part] = copy.deepcopy(original_model[part])
        extend(self, original_model, extra)

    loaders.ExtrasProcessor.process = process  # type: ignore[method-assign]


@dataclass(frozen=True)
class Cloud:
    """One local cloud. ``state_dir`` holds its jobs, logs, endpoints and Lambda code."""

    state_dir: Path
    port: int = DEFAULT_PORT
    account_id: str = ACCOUNT_ID
    region: str = REGION
    enforce_iam: bool = False  # refuse what a role's policies do not permit
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _sessions: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _answered: list[tuple[str, Callable[..., Any]]] = field(default_factory=list, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @property
    def url(self) -> str:
        """The address that ``AWS_ENDPOINT_URL`` takes."""
        return f"http://{LOOPBACK}:{self.port}"

    def api_url(self, api_id: str) -> str:
        """Where an API of API Gateway is called, without the stage."""
        return f"{self.url}{APIS_PATH}{api_id}"

    def client(self, service: str, region: str | None = None, access_key: str = ACCESS_KEY) -> Any:
        """A boto3 client of this cloud, made once per service, region and key; one attempt per call, safe across
        threads.
        """
        key = (service, region or self.region, access_key)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self.new_client(*key, _CONFIG)
            return self._clients[key]

    def new_client(
        self, service: str, region: str, access_key: str, config: Config, *, whole_answers: bool = False
    ) -> Any:
        """A boto3 client that is configured in another way; the caller keeps it.

        With ``whole_answers`` it is told all that S3 says of an object, and not only what a reader of its bytes needs.
        Clients of one key share a session: one of its own costs each 25 ms more, and 2 MB.
        """
        key = (region, access_key)
        with self._lock:
            if key not in self._sessions:
                self._sessions[key] = boto3.session.Session(
                    aws_access_key_id=access_key, aws_secret_access_key=SECRET_KEY, region_name=region
                )
            make: Callable[..., Any] = self._sessions[key].client  # the name is data, so no overload fits
            client = make(service, endpoint_url=self.url, config=config)
        if service == ANSWERED_DIRECTLY:
            for event, answer in self._answered:
                if whole_answers and event.startswith(SAYS_IN_PART):
                    continue
                client.meta.events.register(event, partial(answer, access_key=access_key))
        return client

    def answer_directly(self, event: str, answer: Callable[..., Any]) -> None:
        """Let S3's clients that are made from now on ask ``answer``, a handler of a botocore event that is also told
        their ``access_key``.
        """
        self._answered.append((event, answer))

    def environment(self, access_key: str = ACCESS_KEY) -> dict[str, str]:
        """What a child process needs so that its SDK talks to this cloud, and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
