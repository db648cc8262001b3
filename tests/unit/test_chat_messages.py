"""Notices as chats take them."""

import json
from pathlib import Path
from typing import Any

import pytest
from app.decide import notifications
from app.decide.outside.chat_messages import CHATS, MOST_LINES, Told, google_chat, slack, teams
from app.errors import BadMessage

SAMPLE = json.loads((Path(__file__).parents[2] / "events" / "post_to_chat.json").read_text())
LINK = "https://pages.example.com/decide/churn/3/0a1b2c3d"
# Source: https://api.slack.com/methods/chat.postMessage#truncating, https://developers.google.com/chat/api/guides/message-formats
# and https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (bytes)
MOST = {"slack": 40_000, "teams": 28_000, "google-chat": 32_000}
HOSTILE = "<!channel> <users/all> @everyone *bold* [here](https://evil.example) &amp;"


def notice(*lines: str, subject: str = "churn: news") -> Told:
    return Told("0a1b", "ended", "churn", subject, "\n".join(lines) + "\n")


def test_a_notice_is_read_from_what_sns_gives_a_function() -> None:
    told = Told.parse(SAMPLE)

    assert (told.kind, told.model, told.subject) == ("approval", "churn", "churn version 3: please decide")
    assert told.link == LINK


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": [{"Sns": {"Message": "m"}}]}])
def test_what_is_no_notice_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(BadMessage):
        Told.parse(event)


def test_slack_gets_subject_and_text_and_nothing_that_it_obeys() -> None:
    assert slack(notice("A & B", HOSTILE)) == {
        "text": "churn: news\nA &amp; B\n&lt;!channel&gt; &lt;users/all&gt; @everyone *bold* "
        "[here](https://evil.example) &amp;amp;",
        "mrkdwn": False,
    }


def test_teams_gets_runs_that_know_no_markdown_and_a_button() -> None:
    card = teams(notice("Please decide.", LINK, "", HOSTILE))["attachments"][0]["content"]

    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert [run["text"] for block in card["body"] for run in block["inlines"]] == [
        "churn: news", "Please decide.", HOSTILE,
    ]  # fmt: skip
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": LINK}]


def test_google_chat_gets_a_card_whose_text_is_escaped_and_a_button() -> None:
    (card,) = google_chat(notice("Please decide.", LINK, "<b>x</b>", subject="a<b"))["cardsV2"]
    text, button = card["card"]["sections"][0]["widgets"]

    assert card["cardId"] == "0a1b"
    assert text == {"textParagraph": {"text": "<b>a&lt;b</b><br>Please decide.<br>&lt;b&gt;x&lt;/b&gt;"}}
    assert button["buttonList"]["buttons"][0]["onClick"] == {"openLink": {"url": LINK}}


@pytest.mark.parametrize("chat", [teams, google_chat])
def test_a_notice_without_a_link_has_no_button(chat: Any) -> None:
    assert LINK not in json.dumps(chat(notice("Done.")))
    assert "Open" not in json.dumps(chat(notice("Done.")))


def test_a_long_notice_ends_with_a_mark() -> None:
    lines = notice(*(f"line {number}" for number in range(200))).lines

    assert len(lines) == MOST_LINES
    assert lines[-1] == "…"


@pytest.mark.parametrize("chat", CHATS)
def test_every_chat_takes_the_longest_mail(chat: str) -> None:
    files = [{"message": "<" * 1_000, "file": f"f{n}", "version_id": "v", "quarantined_as": "q"} for n in range(30)]
    written = notifications.refusal_notice("churn", files)

    document = CHATS[chat](Told(written.id, "refused", "churn", written.subject, written.text))

    assert len(json.dumps(document, ensure_ascii=False).encode()) < MOST[chat]
