"""API Gateway: REST and HTTP APIs that lead to functions, imported as documents and called over HTTP.

``documents``, ``matching``, ``events`` and ``answers`` decide, without state; ``apis`` keeps what there is; ``api``,
``rest_apis`` and ``http_apis`` are the service's own operations; ``calling`` answers whoever calls an API.
"""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches
from localcloud.gateway import api
from localcloud.gateway.apis import APIS, CLOUDS, Api
from localcloud.settings import Cloud

RECORDS_OF, RECORDS_DEPTH = "apigateway", 2  # APIs by region and id


class _Service:
    """What moto's server needs of a service: paths and who answers them."""

    flask_paths = {"/v2/<path:rest>": api.HttpResponse.dispatch, "/<path:rest>": api.RestResponse.dispatch}


def install(cloud: Cloud) -> None:
    """Answer API Gateway's calls with this package; moto's own API Gateway is never imported."""
    CLOUDS[:] = [cloud]
    APIS.clear()

    def get_backend(name: str) -> Any:
        return {"global": _Service()} if name == "apigateway" else original(name)

    original = moto_patches.replace("moto.backends:get_backend", get_backend)


def has_ended(_: tuple[Any, ...], __: Api) -> bool:
    """An API never ends."""
    return False


def snapshot_state() -> dict[str, dict[str, Api]]:
    """Every region's APIs."""
    return {region: dict(found) for region, found in APIS.items()}


def resume(state: dict[str, dict[str, Api]]) -> None:
    """Go on with them."""
    APIS.update(state)
