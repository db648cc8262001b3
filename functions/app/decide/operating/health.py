"""Whether what serves a model is well, in words: its endpoint, and the alarms of what it runs. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from app.decide.deployment.deployment_alarms import alarm_names
from app.decide.deployment.endpoint_steps import Endpoint
from app.decide.names.resource_names import resource_name
from app.decide.operating.alarm_rows import AlarmRow

TONES = {"InService": "good", "Failed": "bad"}


class Health(NamedTuple):
    """How a model's endpoint is."""

    tone: str  # "good", "bad", or "" for what is neither
    text: str


def health(
    stack: str,
    config: str,
    alarms: Sequence[AlarmRow] | None,
    endpoint: Endpoint | None = None,
    *,
    batch: bool = False,
) -> Health | None:
    """How well is what serves, by the alarms of its configuration that are in ALARM (None: nobody may read them) and by
    its endpoint (None: nobody looked, or may); None where no version serves yet.
    """
    if not config:
        return None
    if batch:
        return Health("", "no endpoint: it scores files")
    own = {name.removeprefix(resource_name(stack, "")) for name in alarm_names(config)}
    tripped = [one for one in alarms or () if one.name in own]
    where = f"endpoint {endpoint.status}" if endpoint else "endpoint"
    if tripped:
        return Health("bad", f"{where}, in alarm: {' '.join(one.meaning for one in tripped)}")
    watched = "alarms unknown" if alarms is None else "no alarm"
    if endpoint is None:
        return Health("" if alarms is None else "good", watched)
    number = f" on {endpoint.instances} instance{'' if endpoint.instances == 1 else 's'}" if endpoint.instances else ""
    why = f": {endpoint.failure}" if endpoint.status == "Failed" and endpoint.failure else ""
    return Health(TONES.get(endpoint.status, ""), f"{where}{number}, {watched}{why}")
