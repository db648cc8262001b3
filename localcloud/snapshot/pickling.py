"""Writing and reading what the parts remember. Threads, locks and connections do not go to disk: they are made anew.

What there is once in a process (moto's backends, the cloud) is written as a name, and is itself after reading. Large
contents are files of their own.
"""

from __future__ import annotations

import importlib
import io
import marshal
import pickle
import threading
import weakref
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from cryptography.hazmat.primitives import serialization
from moto.awslambda.models import LambdaStorage
from moto.core.base_backend import BaseBackend
from moto.kms.utils import AbstractPrivateKey
from moto.s3.models import FakeKey
from moto.stepfunctions.parser.backend.execution import Execution

from localcloud import journaling
from localcloud.persistence import backends, executions
from localcloud.settings import Cloud
from localcloud.snapshot.blob_store import BlobStore

LARGE_BYTES = 1 << 16
OF_THE_ENGINE = ("exec_worker", "_cloud_watch_logging_session", "_activity_store")  # of an execution that runs
Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


class Changed(Exception):
    """Somebody wrote to what was being read."""


def dumps(value: Any, cloud: Cloud, bodies: BlobStore, references: journaling.References | None = None) -> bytes:
    """``value`` as bytes; large contents go to ``bodies``, and what has a name is written as that.

    Raises:
        Changed: somebody wrote meanwhile.
        Exception: whatever an object that cannot be written raises.
    """
    file = io.BytesIO()
    try:
        _Pickler(file, cloud, bodies, references or {}).dump(value)
    except RuntimeError as error:
        if type(error) is RuntimeError:  # "dictionary changed size during iteration"
            raise Changed from error
        raise
    return file.getvalue()


def loads(data: bytes, cloud: Cloud, bodies: BlobStore) -> Any:
    """What ``dumps`` wrote. Only ever of a folder of one's own: a pickle runs code."""
    return _Unpickler(io.BytesIO(data), cloud, bodies).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, cloud: Cloud, bodies: BlobStore, references: journaling.References) -> None:
        super().__init__(file, protocol=5)
        self._cloud = cloud
        self._bodies = bodies
        self._references = references

    def persistent_id(self, obj: Any) -> Any:
        """The name of what there is once, and of large contents; None for all else."""
        if type(obj) is bytes or type(obj) is str:
            kind = "body" if type(obj) is bytes else "text"
            return (kind, self._bodies.keep_part(obj)) if len(obj) >= LARGE_BYTES else None
        if isinstance(obj, _Body):
            return ("body", obj.name)
        if isinstance(obj, Cloud):
            return ("cloud",)
        if isinstance(obj, BaseBackend):
            return next(
                (("named", backends.named, *place) for place, found in backends.everywhere() if found is obj), None
            )
        if found := self._references.get(id(obj)):
            return ("named", *found)
        return None

    def reducer_override(self, obj: Any) -> Any:
        """How the objects that pickle does not know are made anew."""
        if isinstance(obj, FakeKey) and obj.contentsize >= LARGE_BYTES:
            return _key, (type(obj), *self._state_and_body(obj))
        if isinstance(obj, dict) and type(obj).__module__.startswith("moto."):
            return _new, (type(obj),), _contents(obj), None, None, _fill
        if isinstance(obj, FunctionType) and "<lambda>" in obj.__qualname__ and not obj.__closure__:
            return _function, (obj.__module__, marshal.dumps(obj.__code__))
        for kind, reduce in REDUCERS.items():
            if isinstance(obj, kind):
                return reduce(obj)
        return NotImplemented

    def _state_and_body(self, key: Any) -> tuple[dict[str, Any], _Body]:
        """moto's own ``__getstate__`` reads the body; here it is read only when it is new."""
        about = (str(key.etag), int(key.contentsize))
        name = self._bodies.known(*about)
        if name is None:
            self._bodies.remember(*about, name := self._bodies.keep(_value(key)))
        state = {part: value for part, value in vars(key).items() if part not in ("_value_buffer", "lock")}
        return state, _Body(name)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, cloud: Cloud, bodies: BlobStore) -> None:
        super().__init__(file)
        self._cloud = cloud
        self._bodies = bodies

    def persistent_load(self, pid: Any) -> Any:
        """What a name stands for in this process."""
        kind, *name = pid
        if kind == "cloud":
            return self._cloud
        if kind == "body":
            return self._bodies.read(name[0])
        if kind == "text":
            return self._bodies.read(name[0]).decode(errors="surrogatepass")
        find, *which = name
        return find(*which)


def _value(key: FakeKey) -> bytes:
    """What an object contains; nothing where it was deleted, and lives on in its delete marker."""
    return b"" if key.disposed else bytes(key.value)


class _Body:
    def __init__(self, name: str) -> None:
        self.name = name


def _nothing() -> None:
    return None


def _event(was_set: bool) -> threading.Event:
    event = threading.Event()
    if was_set:
        event.set()
    return event


def _function(module: str, code: bytes) -> FunctionType:
    """A function without a name, such as moto has for what a dictionary lacks."""
    return FunctionType(marshal.loads(code), vars(importlib.import_module(module)))  # noqa: S302 - written here


def _key(kind: Any, state: dict[str, Any], body: bytes) -> Any:
    key = _new(kind)
    key.__setstate__({**state, "value": body})
    return key


def _new(kind: Any) -> Any:
    return kind.__new__(kind)


def _contents(found: Any) -> tuple[dict[Any, Any], dict[str, Any], Any]:
    """A dictionary that answers otherwise than it holds (S3's has lists and shows their last) as it is inside."""
    return dict(dict.items(found)), dict(vars(found)), getattr(found, "default_factory", None)


def _fill(made: Any, contents: tuple[dict[Any, Any], dict[str, Any], Any]) -> None:
    items, attributes, factory = contents
    dict.update(made, items)
    vars(made).update(attributes)
    if factory is not None:
        made.default_factory = factory


def _storage(state: dict[str, Any], arns: dict[str, Any], aliases: dict[str, Any]) -> LambdaStorage:
    storage = LambdaStorage(state["region_name"], state["account_id"])
    storage.__dict__.update(state)
    storage._arns.update(arns)
    storage._aliases.update(aliases)
    return storage


def _reduced_storage(storage: LambdaStorage) -> Reduced:
    state = {name: value for name, value in vars(storage).items() if name not in ("_arns", "_aliases")}
    return _storage, (state, dict(storage._arns), dict(storage._aliases))


def _execution(kind: Any, state: dict[str, Any]) -> Any:
    made = _new(kind)
    made.__dict__.update(state, _cloud_watch_logging_session=None, _activity_store={})
    return made


def _reduced_execution(execution: Execution) -> Reduced:
    """Without the engine that runs it, whose threads end with the process."""
    state = {name: value for name, value in vars(execution).items() if name not in OF_THE_ENGINE}
    return _execution, (type(execution), state | {"exec_worker": executions.persistent_worker(execution)})


def _private_key(kind: Any, state: dict[str, Any], pem: bytes) -> Any:
    made = _new(kind)
    made.__dict__.update(state, private_key=serialization.load_pem_private_key(pem, None))
    return made


def _reduced_private_key(key: Any) -> Reduced:
    pem = key.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    state = {name: value for name, value in vars(key).items() if name != "private_key"}
    return _private_key, (type(key), state, pem)


REDUCERS: Mapping[Any, Callable[[Any], Reduced]] = {
    type(threading.Lock()): lambda _: (threading.Lock, ()),
    type(threading.RLock()): lambda _: (threading.RLock, ()),
    threading.Condition: lambda _: (threading.Condition, ()),
    threading.Event: lambda event: (_event, (event.is_set(),)),
    threading.Thread: lambda _: (_nothing, ()),
    weakref.WeakValueDictionary: lambda found: (weakref.WeakValueDictionary, (dict(found),)),
    LambdaStorage: _reduced_storage,
    Execution: _reduced_execution,
    AbstractPrivateKey: _reduced_private_key,
}
