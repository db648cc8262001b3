"""What a link says that has nothing to ask: it is unknown, or what became of its question. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.decide.names.statuses import Approval, RunStatus
from app.decide.names.times import from_iso
from app.decide.pages.links import DecisionLink
from app.decide.pages.questions import minute
from app.decide.records import RunRecord

GOOD, BAD, PLAIN = "good", "bad", ""
MOST_TOLD = 20  # letters


class Ending(NamedTuple):
    """A page that says something and asks nothing."""

    status: int  # of HTTP
    outcome: str  # for the log
    heading: str
    lines: tuple[str, ...] = ()
    tone: str = PLAIN
    eyebrow: str = ""
    command: str = ""


UNKNOWN = Ending(
    404, "unknown link", "There is nothing here",
    ("This link leads to no question. Was it copied whole? The mail has it in one line.",),
)  # fmt: skip
FOREIGN = Ending(
    403, "foreign form", "Nothing was decided",
    ("This form was sent by another site's page. Open the link in your mail, and decide there.",), BAD,
)  # fmt: skip
UNREADABLE = Ending(
    400, "unreadable form", "Nothing was decided",
    ("What was sent is no form of this page. Open the link in your mail again.",), BAD,
)  # fmt: skip
NO_CONSOLE = Ending(
    404, "unknown console", "There is nothing here", ("This link opens nothing. Make another one:",),
    command="retrain open",
)  # fmt: skip
CONSOLE_OVER = Ending(
    410, "console expired", "This link is over", ("It was good for some hours. Make another one:",),
    command="retrain open",
)  # fmt: skip
NOT_THERE = Ending(404, "unknown model or run", "There is nothing here", ("The ledger knows no such model or run.",))
NO_FORM = Ending(
    404, "no form", "There is no form",
    ("This model has no endpoint, or too many columns for a page. It can be asked:",),
    command="retrain predict MODEL FILE.csv",
)  # fmt: skip
NO_REPORT = Ending(
    404, "no report", "There is no report", ("Its pipeline has evaluated nothing yet, or the report was deleted.",)
)
CHANGED_REPORT = Ending(
    409, "changed report", "The report changed after its version was judged",
    ("Another one was written in its place, and is not shown. Nothing of this version is deployed any more.",), BAD,
)  # fmt: skip
LARGE_REPORT = Ending(
    413, "large report", "The report is too large for this page", ("It can be fetched:",),
    command="retrain report MODEL VERSION --open",
)  # fmt: skip
NOT_ASKED = Ending(405, "method", "Nothing was done", ("This page is read, and its form is sent.",))
FOREIGN_CHANGE = Ending(
    403, "foreign form", "Nothing was changed",
    ("This form was sent by another site's page. Open your link to the console, and send it there.",), BAD,
)  # fmt: skip
UNREADABLE_CHANGE = Ending(
    400, "unreadable form", "Nothing was changed",
    ("What was sent is no form of this page. Open it again, and send it anew.",), BAD,
)  # fmt: skip
READ_ONLY = Ending(
    403, "read only", "Nothing was changed", ("This link is to look, and changes nothing. Make one that may:",), BAD,
    command="retrain open --operate",
)  # fmt: skip
DECIDED_OTHERWISE = Ending(
    409, "decided before", "It was decided before",
    ("Another decision was made first, and this one changed nothing. Open the link again to read it.",), BAD,
)  # fmt: skip
BUSY = Ending(
    503, "busy", "Try again in a moment",
    ("AWS did not answer in time. Nothing is lost: the same decision can be sent again.",),
)  # fmt: skip


def redriven(sent: Sequence[str], left: Sequence[str]) -> Ending:
    """Dead letters were sent again, or stay."""
    heading = f"{len(sent)} sent again" if sent or left else "There are no dead letters"
    lines = [*sent[:MOST_TOLD], *(f"left: {line}" for line in left[:MOST_TOLD])]
    more = len(sent) + len(left) - len(lines)
    lines += [f"And {more} more."] if more else []
    lines += [f"{len(left)} left where they are."] if left else []
    return Ending(200, "redriven", heading, tuple(lines), BAD if left else GOOD)


def yes_counted(link: DecisionLink, count: str) -> Ending:
    """A reviewer said yes, and others have to."""
    lines = (f"{count}. It is approved when the last one that is needed is given.",)
    return _about(link, Ending(200, "counted", "Your yes is counted", lines, GOOD))


def not_counted(link: DecisionLink, why: str) -> Ending:
    """A yes that does not count."""
    return _about(link, Ending(409, "not counted", "Your yes does not count", (why,), BAD))


def _about(link: DecisionLink, said: Ending) -> Ending:
    return said._replace(eyebrow=f"{link.model} version {link.version}")


def ending(
    link: DecisionLink, record: RunRecord | None, status: Approval | None, who: str, now: datetime
) -> Ending | None:
    """What became of a link's question; None where it is still open. ``status`` is the registry's, None where it has
    no such version any more; ``who`` says what was decided, by whom and why.
    """
    found = _found(link, record, status, who, now)
    return _about(link, found) if found else None


def _found(
    link: DecisionLink, record: RunRecord | None, status: Approval | None, who: str, now: datetime
) -> Ending | None:
    if status is None or record is None:
        return Ending(410, "deleted", "This version is gone", ("The registry does not have it any more.",))
    if status is not Approval.PENDING:
        return _decided(link, record, status, who)
    if record.status is RunStatus.SUPERSEDED:
        command = f"retrain approve {link.model} {link.version} --reason '…'"
        said = "A newer version waits for a decision, with a mail of its own. This one can be approved all the same:"
        return Ending(410, "superseded", "A newer version took its place", (said,), command=command)
    if record.status is RunStatus.APPROVAL_EXPIRED or now >= from_iso(link.until):
        command = f"retrain approve {link.model} {link.version} --reason '…'"
        said = f"The request expired at {minute(link.until)}, undecided. The version can be approved all the same:"
        return Ending(410, "expired", "The time is over", (said,), command=command)
    if record.status is not RunStatus.AWAITING_APPROVAL:
        return Ending(410, "not waiting", "Nobody waits for this decision", (f"Its run is: {record.status}.",))
    return None


def _decided(link: DecisionLink, record: RunRecord, status: Approval, who: str) -> Ending:
    if status is Approval.REJECTED:
        return Ending(200, "decided", f"Version {link.version} was rejected", (who, "What serves is as it was."), BAD)
    becomes = {
        RunStatus.DEPLOYED: "It was deployed and verified.",
        RunStatus.FAILED: "Its deployment failed: the mail says why.",
    }.get(record.status, "It is deployed now, and verified before it serves alone; a mail tells the end.")
    return Ending(200, "decided", f"Version {link.version} was approved", (who, becomes), GOOD)
