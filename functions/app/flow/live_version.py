"""The live version of a model: by its endpoint, or by the ledger for a model that has none."""

import re

from app.aws import endpoints
from app.decide.names.resource_names import resource_name
from app.ledger import ledger
from app.ledger.live_versions import LiveVersion
from app.settings import Settings

VERSION = re.compile(r"-v(\d+)-[0-9a-f]{8}$")
NOT_SERVING = ("Creating", "Failed")  # of an endpoint: while it is updated the old version answers


def current(settings: Settings, model: str, mode: str) -> LiveVersion | None:
    """The version that serves now, by the deployment ``mode`` that is published; None where none does.

    A model that has just changed to an endpoint, and has none yet, is still what it was.
    """
    if mode != "batch":
        endpoint = endpoints.describe(resource_name(settings.stack, model))
        if endpoint and endpoint.config and endpoint.status not in NOT_SERVING:
            return _of_config(endpoint.config)
    return ledger().live_version(model)


def _of_config(config: str) -> LiveVersion | None:
    name = endpoints.model_of_config(config)
    version = VERSION.search(name)
    return LiveVersion(int(version[1]), name) if version else None
