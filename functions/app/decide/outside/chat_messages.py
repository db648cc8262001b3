"""A notice as a chat takes it from a webhook: Slack, Teams (Workflows), Google Chat. Pure.

What was uploaded stands in notices, and is shown in a chat, too, never obeyed: it can neither format nor mention
anybody.
"""

import html
from collections.abc import Callable
from typing import Any, NamedTuple

from app.decide.parsing import NEWS, message

LINKS = ("https://", "http://")  # a line of a notice that begins with one is a link to act on, and of ours
MOST_LINES = 60  # of a card: Google Chat drops what is over 100 widgets
OPEN = "Open"


class Told(NamedTuple):
    """A notice that the topic of news delivered."""

    id: str  # the same for the same news
    kind: str
    model: str
    subject: str
    text: str

    @staticmethod
    @message(NEWS)
    def parse(document: dict[str, Any]) -> "Told":
        """From SNS's event, which has one message.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
        """
        sns = document["Records"][0]["Sns"]
        named = {name: str(one["Value"]) for name, one in sns["MessageAttributes"].items()}
        identity, kind, model = (named.get(name, "") for name in ("id", "kind", "model"))
        return Told(identity, kind, model, str(sns.get("Subject") or ""), str(sns["Message"]))

    @property
    def link(self) -> str:
        """What to open; "" where there is nothing."""
        return next((line for line in self.text.splitlines() if line.startswith(LINKS)), "")

    @property
    def lines(self) -> list[str]:
        """The text's lines without the link, which a card has a button for; the last says where there were more."""
        found = [line for line in self.text.splitlines() if line != self.link or not line]
        return found if len(found) <= MOST_LINES else [*found[: MOST_LINES - 1], "…"]


def slack(notice: Told) -> dict[str, Any]:
    """Source: https://api.slack.com/messaging/webhooks and https://api.slack.com/reference/surfaces/formatting (the
    three characters to escape; without ``mrkdwn`` nothing else formats).
    """
    return {"text": _slack_text(f"{notice.subject}\n{notice.text}".rstrip()), "mrkdwn": False}


def _slack_text(text: str) -> str:
    return html.escape(text, quote=False)


def teams(notice: Told) -> dict[str, Any]:
    """An Adaptive Card. Its ``TextRun`` knows no Markdown, as a ``TextBlock`` would.

    Source: https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    and https://adaptivecards.io/explorer/RichTextBlock.html
    """
    body = [_run(notice.subject, weight="Bolder"), *(_run(line, spacing="None") for line in notice.lines if line)]
    actions = [{"type": "Action.OpenUrl", "title": OPEN, "url": notice.link}] if notice.link else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2",
        "body": body, "actions": actions,
    }  # fmt: skip
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _run(text: str, spacing: str = "Default", weight: str = "Default") -> dict[str, Any]:
    inlines = [{"type": "TextRun", "text": text, "weight": weight}]
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": inlines}


def google_chat(notice: Told) -> dict[str, Any]:
    """A card, whose text knows some HTML; a plain text would mention whoever it names.

    Source: https://developers.google.com/chat/messages-overview and
    https://developers.google.com/chat/api/reference/rest/v1/cards
    """
    text = "<br>".join(html.escape(line, quote=False) for line in notice.lines)
    button = {"text": OPEN, "onClick": {"openLink": {"url": notice.link}}}
    widgets: list[dict[str, Any]] = [{"textParagraph": {"text": f"<b>{html.escape(notice.subject)}</b><br>{text}"}}]
    widgets += [{"buttonList": {"buttons": [button]}}] if notice.link else []
    return {"cardsV2": [{"cardId": notice.id, "card": {"sections": [{"widgets": widgets}]}}]}


CHATS: dict[str, Callable[[Told], dict[str, Any]]] = {"slack": slack, "teams": teams, "google-chat": google_chat}
