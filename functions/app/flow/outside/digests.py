"""News that can wait is kept, and told in one mail when the oldest of it has waited long enough.

Nothing is lost: what SNS delivered is in the ledger before its function ends, and what is in the ledger goes only once
a mail that names it was sent. Nothing is told twice: a mail that is sent again, as whoever sent it died, has the same
``id`` and the same words.
"""

from datetime import timedelta

from app.aws import topics
from app.decide.operating.digests import NewsHeard, digest_notice
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


def hear(heard: NewsHeard, settings: Settings) -> int:
    """Keep what was heard, or send the mail that is due; how many messages it has, 0 where none was sent. What is
    urgent is not kept, and nothing is without a digest: everybody was told, and a dead letter may be the chat's.
    """
    if heard.told and (heard.urgent or not settings.digest_hours):
        return 0
    if heard.told:
        ledger().keep_news(heard.told, now() + timedelta(hours=settings.digest_hours))
        return 0
    if not ledger().is_news_due():
        return 0
    news = ledger().take_news()
    if news:
        topics.publish(settings.notification_topic_arn, digest_notice(news))
    ledger().forget_news()
    return len(news)
