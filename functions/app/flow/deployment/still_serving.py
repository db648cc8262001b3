"""What was rejected and serves all the same, as no other version is approved: people are told once a decision."""

from app.aws import topics
from app.decide.deployment.endpoint_steps import Endpoint
from app.decide.names.statuses import Approval
from app.decide.notifications import still_serving_notice
from app.flow.deployment.versions import DesiredVersion
from app.ledger import ledger
from app.settings import Settings


def tell(model: str, desired: DesiredVersion, endpoint: Endpoint | None, settings: Settings) -> None:
    """Tell people where that is so. A version may be rejected while it is verified, and serves from then on."""
    live = ledger().live_version(model)
    if desired.version is not None or live is None or live.version in desired.approved:
        return
    if not live.batch and (endpoint is None or endpoint.config != live.name):
        return
    last = ledger().last_decision(model, live.version)
    if last is None or last.status != Approval.REJECTED or last.told:
        return
    notice = still_serving_notice(model, live.version, last.sequence)
    topics.publish(settings.notification_topic_arn, notice)
    ledger().note_told(model, live.version, last.sequence)
