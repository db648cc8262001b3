"""One mail about much news that asks nothing. Pure."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from app.decide.notifications import Draft, notice
from app.decide.outside.chat_messages import Told
from app.decide.pages.questions import minute
from app.decide.parsing import INVOCATION, NEWS, message

MOST_NAMED = 40  # of a mail, which has 8 KB
FILES = "files that were scored"  # news that names no model


class KeptNews(NamedTuple):
    """News that waits to be told."""

    at: str  # ISO
    told: Told


class NewsHeard(NamedTuple):
    """The topic of news delivered something that can wait; or, without that, it is time for the mail."""

    told: Told | None
    urgent: bool = False  # everybody was told at once

    @staticmethod
    @message(NEWS, INVOCATION)
    def parse(document: dict[str, Any]) -> "NewsHeard":
        """From SNS's event, or the reconciler's ``{"digest": "due"}``."""
        if document.get("digest") == "due":
            return NewsHeard(None)
        attributes = document["Records"][0]["Sns"]["MessageAttributes"]
        return NewsHeard(Told.parse(document), attributes.get("urgent", {}).get("Value") != "false")

    @property
    def model(self) -> str:
        """The model that the news is about; "" where it is none."""
        return self.told.model if self.told else ""


DUE: Mapping[str, str] = {"digest": "due"}


@notice("digest")
def digest_notice(news: Sequence[KeptNews]) -> Draft:
    """All news that was kept, by model, the oldest first: one mail instead of many."""
    by_model = sorted(news, key=lambda one: (one.told.model == "", one.told.model, one.at))
    lines = [f"{_number(len(news))} since {minute(min(one.at for one in news))}; none of it asks anything of you."]
    named = by_model[:MOST_NAMED]
    for model, about in groupby(named, key=lambda one: one.told.model):
        lines += ["", model or FILES]
        for one in about:
            lines += [f"  {minute(one.at)}  {one.told.subject}", f"    {_first(one.told.text)}"]
    more = len(by_model) - len(named)
    lines += ["", f"And {more} more: retrain status"] if more else ["", "More: retrain status"]
    models = sorted({one.told.model for one in news if one.told.model})
    others = f" and {len(models) - 1} more" if len(models) > 1 else ""
    subject = f"{models[0]}{others}: {_number(len(news))}" if models else _number(len(news))
    return Draft(subject, lines, {}, tuple(sorted(one.told.id for one in news)))


def _number(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'} in one"


def _first(text: str) -> str:
    return text.partition("\n")[0]
