"""The model servers of one transform job: started for it, asked by it alone, ended with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.sagemaker.api_shapes import Context
from localcloud.sagemaker.endpoints.model_server import ModelServer, NotServing, through
from localcloud.sagemaker.transforms.transform_data import BadTransform
from localcloud.watch import logs

GROUP = "/aws/sagemaker/TransformJobs"
PARAMETERS = ("MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB")


class BatchServer(ModelServer):
    """A model server that logs as a transform job does."""

    namespace = GROUP

    @property
    def group(self) -> str:
        """Transform jobs share a log group."""
        return GROUP

    @property
    def arn(self) -> str:
        """The job's."""
        return self.context.arn("transform-job", self.endpoint)


class BatchServers:
    """A model's containers, in the order in which they answer."""

    def __init__(self, context: Context, job: str, containers: Sequence[Mapping[str, Any]], role: str) -> None:
        self.context = context
        self.job = job
        self.role = role
        self.containers = containers
        self.servers: tuple[BatchServer, ...] = ()

    def start(self, environment: Mapping[str, str]) -> None:
        """Start every container's server, with the job's variables over the model's.

        Raises:
            NotServing: one did not come up; then none is left.
        """
        folder = self.context.cloud.state_dir / "jobs" / self.job
        servers = []
        for number, container in enumerate(self.containers):
            own = {**(container.get("Environment") or {}), **environment}
            container = {**container, "Environment": own}
            servers.append(BatchServer(self.context, self.job, self.job, container, folder / f"{number}", self.role))
        self.servers = tuple(servers)
        for server in self.servers:
            server.start()

    def parameters(self) -> dict[str, Any]:
        """What the first container's /execution-parameters says of how it wants to be asked."""
        reply = self.servers[0].parameters()
        try:
            found = json.loads(reply.body) if reply.status == 200 else {}
        except ValueError:
            found = {}
        return {name: found[name] for name in PARAMETERS if found.get(name)}

    def invoke(self, body: bytes, content_type: str, accept: str) -> bytes:
        """One request through all containers.

        Raises:
            BadTransform: a container refused it, in its words.
        """
        try:
            reply = through(self.servers, body, content_type, {"Accept": accept} if accept else {})
        except NotServing as error:
            raise BadTransform(str(error)) from error
        if reply.status >= 300:
            words = reply.body.decode("utf-8", "replace").strip()
            raise BadTransform(f"Bad HTTP status received from algorithm: {reply.status}: {words}")
        return reply.body

    def log(self, line: str) -> None:
        """A line of the job's own log."""
        logs.write(GROUP, f"{self.job}/data-log", [line])

    def stop(self) -> None:
        """End every server."""
        for server in self.servers:
            server.stop()
