"""One container's model server: started, pinged, asked, started again when it ends."""

from __future__ import annotations

import http.client
import queue
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.background import later, spawn
from localcloud.containers import images
from localcloud.containers.engine import ContainerRun
from localcloud.containers.serving.server import LISTENING
from localcloud.containers.tasks import Container, Running, Task
from localcloud.iam.checks import Refused
from localcloud.sagemaker import roles, storage
from localcloud.sagemaker.api_shapes import Context
from localcloud.sagemaker.jobs import own_images
from localcloud.sagemaker.jobs.job_processes import environment, last_words
from localcloud.sagemaker.jobs.job_requests import IN_ENGINE, OWN_IMAGE
from localcloud.watch import logs

REMEDY = (  # of an image of which nobody here knows how it serves
    "no image is pulled here: build or pull it into this machine's Docker, and it serves there; or with"
    " SAGEMAKER_PROGRAM in the container's environment (AWS's inference toolkit) its"
    " script runs with this machine's Python; or deploy it on AWS"
)
START_WITHIN_S = 60.0  # until the server listens, unless the variant says so
ANSWER_WITHIN_S = 60  # as InvokeEndpoint allows
RESTART_AFTER_S = 1.0
KNOCK_EVERY_S = 0.2
REMEMBERED = 200
OF_STAND_INS = {"SM_MODEL_DIR": "/opt/ml/model", "OMP_NUM_THREADS": "1"}
Program = str | Container  # a stand-in, as module:function, or an image that an engine has


class NotServing(Exception):
    """A model server did not come up, or is not there; the message is the endpoint's FailureReason."""


@dataclass(frozen=True)
class Reply:
    """What a container answered."""

    status: int
    body: bytes
    content_type: str


class ModelServer:
    """One container of one variant."""

    namespace = "/aws/sagemaker/Endpoints"

    def __init__(
        self, context: Context, endpoint: str, variant: str, container: Mapping[str, Any], folder: Path, role: str = "",
        *, start_within_s: float = START_WITHIN_S,
    ) -> None:  # fmt: skip
        self.context = context
        self.endpoint = endpoint
        self.variant = variant
        self.container = container
        self.role = role
        self.start_within_s = start_within_s
        self.root = folder / "opt" / "ml"
        self.stream = f"{variant}/i-{folder.name}-{folder.parent.name}"
        self.port: int | None = None
        self.running: Running | None = None
        self.ending = False
        self._listening = threading.Event()
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._quiet = threading.Condition()
        self._asked = 0

    @property
    def group(self) -> str:
        """The log group."""
        return f"{self.namespace}/{self.endpoint}"

    @property
    def arn(self) -> str:
        """What it serves for."""
        return self.context.arn("endpoint", self.endpoint)

    def start(self) -> None:
        """Unpack the model, start the server, ping it.

        Raises:
            NotServing: no stand-in for the image, a model that cannot be fetched, or no answer to the ping.
        """
        program = self._program()
        self._take_on_role()
        self._lay_out()
        self._launch(program)
        self._listening.wait(self.start_within_s)
        if self.port is None or not pings(self.port):
            told = last_words(self._lines)
            self.stop()
            raise NotServing(
                f"The primary container for production variant {self.variant} did not pass the ping health check. "
                f"Please check CloudWatch logs for this endpoint. {told}"
            )

    def _program(self) -> Program:
        uri = str(self.container["Image"])
        container, image = own_images.serving_container(self.container), images.image_of(uri)
        if container is not None:
            logs.write(self.group, self.stream, [IN_ENGINE.format(image=uri)])
            return container
        if image is None and "SAGEMAKER_PROGRAM" in (self.container.get("Environment") or {}):
            image = images.SCIKIT_LEARN  # an image of one's own, with AWS's inference toolkit in it
            logs.write(self.group, self.stream, [OWN_IMAGE.format(image=uri)])
        if image is None or image.serving is None:
            raise NotServing(f"The image {uri} has no stand-in outside AWS: {REMEDY}")
        return image.serving

    def invoke(self, body: bytes, content_type: str, headers: Mapping[str, str]) -> Reply:
        """POST /invocations.

        Raises:
            NotServing: the server is not there (it is being started again).
        """
        return self._ask(
            "POST", "/invocations", body, {**headers, **({"Content-Type": content_type} if content_type else {})}
        )

    def parameters(self) -> Reply:
        """GET /execution-parameters.

        Raises:
            NotServing: the server is not there.
        """
        return self._ask("GET", "/execution-parameters", b"", {})

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            with self._counted(), self._connection() as connection:
                connection.request(method, path, body, dict(headers))
                response = connection.getresponse()
                answer = response.read()
                return Reply(
                    response.status, answer, response.headers.get("Content-Type") or "application/octet-stream"
                )
        except (OSError, http.client.HTTPException) as error:
            raise NotServing(f"the model server of variant {self.variant} does not answer: {error}") from error

    def drain(self) -> None:
        """Wait until nothing is being answered any more (no longer than an answer may take), then end."""
        with self._quiet:
            self._quiet.wait_for(lambda: self._asked == 0, ANSWER_WITHIN_S)
        self.stop()

    def stop(self) -> None:
        """End the process and all that it started."""
        with self._lock:
            self.ending = True
            running = self.running
        self._listening.set()  # whoever waits for its start waits no longer
        if running is not None:
            running.signal(signal.SIGKILL)

    def _take_on_role(self) -> None:
        try:
            roles.before_container(
                self.role, self.arn, self.container["Image"], self.group, self.stream, self.namespace
            )
        except Refused as refused:
            raise NotServing(f"The execution role does not permit it: {refused}") from refused

    def _lay_out(self) -> None:
        model = self.root / "model"
        model.mkdir(parents=True, exist_ok=True)
        uri = self.container.get("ModelDataUrl")
        if uri:
            try:
                storage.unpack(storage.get(roles.client(self.context.cloud, "s3", self.role), uri), model)
            except storage.DataProblem as error:
                raise NotServing(f"Failed to download model data for container: {error}") from error

    def _launch(self, program: Program) -> None:
        call = program if isinstance(program, str) else None
        container = program if isinstance(program, Container) else None
        variables = {name: str(value) for name, value in (self.container.get("Environment") or {}).items()}
        env = environment(self.context.cloud, roles.credentials(f"endpoint/{self.endpoint}", self.role)) | {
            "SAGEMAKER_REGION": self.context.cloud.region, **(OF_STAND_INS if call else {}), **variables,
        }  # fmt: skip
        with self._lock:
            if self.ending:
                return
            running = self.running = self.context.launcher.start(Task(self.root, env, call=call, container=container))
        spawn(self._listen, running, program)
        if isinstance(running, ContainerRun):
            spawn(self._knock, running)

    def _knock(self, running: ContainerRun) -> None:
        """Ping a container until it answers, or ends: it does not say where it listens."""
        pause, port = threading.Event(), None
        while running.wait(0) is None:
            port = port or running.published(own_images.SERVED_AT)
            if port is not None and pings(port):
                self.port = port
                self._listening.set()
                return
            pause.wait(KNOCK_EVERY_S)

    def _listen(self, running: Running, program: Program) -> None:
        for chunk in running.chunks():
            for line in chunk:
                if line.startswith(LISTENING):
                    self.port = int(line.removeprefix(LISTENING))
                    self._listening.set()
            self._lines = (self._lines + chunk)[-REMEMBERED:]
            logs.write(self.group, self.stream, chunk)
        served = self.port is not None
        self.port = None
        self._listening.set()
        if served and not self.ending:
            code = running.wait()
            note = f"the model server ended (exit code {code}); starting it again"
            logs.write(self.group, self.stream, [note])
            later(RESTART_AFTER_S, self._launch, program)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._quiet:
            self._asked += 1
        try:
            yield
        finally:
            with self._quiet:
                self._asked -= 1
                self._quiet.notify_all()

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        """A connection of its own for one exchange, kept for the next when all went well."""
        port = self.port
        if port is None:
            raise NotServing(f"the model server of variant {self.variant} is not running")
        connection = None
        while connection is None:
            try:
                kept = self._idle.get_nowait()
            except queue.Empty:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
                break
            connection = kept if kept.port == port else None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)


def pings(port: int) -> bool:
    """Whether a model server at this port of this machine answers GET /ping with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def through(servers: Sequence[ModelServer], body: bytes, content_type: str, headers: Mapping[str, str]) -> Reply:
    """One container after the other; what a container answers is the next one's request.

    Raises:
        NotServing: one is not there.
    """
    reply = Reply(200, body, content_type)
    for number, server in enumerate(servers, start=1):
        last = number == len(servers)
        asked = dict(headers) if last else {key: value for key, value in headers.items() if key != "Accept"}
        reply = server.invoke(reply.body, reply.content_type, asked)
        if reply.status >= 300:
            return reply
    return reply
