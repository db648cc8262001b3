"""The ledger: one DynamoDB table that makes at-least-once events take effect exactly once (idempotent by condition).

Every write that decides something is conditional. The nouns are beside it: batches, turns, slots, task tokens, runs,
requested runs, executions, live versions, deployments, decisions, listings, watched windows.

==================  ==============================  =========================================================
pk                  sk                              holds
==================  ==============================  =========================================================
OBJECT#<sha256>     OBJECT                          what was decided about an object version (the dedupe)
FILE#<model>        <batch>#OBJECT#<sha256>         an accepted upload
MODEL#<model>       BATCH_AND_TURN                  open batch, turn, who waits for it, counters
MODEL#<model>       RUN#<run>                       a run's plan, verdict, timeline, end
MODEL#<model>       VERSION#<version>               which run registered it, whether it failed
MODEL#<model>       DECISION#<version>              the last decision of the registry that was acted upon
MODEL#<model>       MESSAGE#<version>               the last message of the decision topic that was passed on
MODEL#<model>       CONFIRMED#<version>             when the newest was sent that said what was decided already
MODEL#<model>       VOTE#<version>#<run>#<reviewer>  what was decided by a link, once
BALLOT#<model>      <version>#<run>                 whose yes was counted, of how many that are needed
MODEL#<model>       LIVE                            the live version: the one that was verified last
MODEL#<model>       CHANGE                          the last change that was asked of the model's endpoint
MODEL#<model>       SHADOW                          the last time of a version in shadow, and what came of it
MODEL#<model>       SCALING                         how the model's endpoint is scaled, and for which configuration
MODEL#<model>       ALARMS#<config>                 a configuration that has alarms
MODEL#<model>       DEPLOYMENT                      how many executions were started to deploy
MODEL#<model>       REFUSED#<time>#OBJECT#<sha256>  an upload in quarantine
MODEL#<model>       REFUSAL_MAIL                    when people were told of refusals, and when the next may be
UNTOLD#<model>      OBJECT#<sha256>                 an upload in quarantine of which nobody was told yet
MODELS              <model>                         the names above
MODEL#<model>       SCORED                          scored files that are no window yet
MODEL#<model>       CAPTURED                        captured requests that are no window yet, and how far was looked
MODEL#<model>       ANSWERED#<version>              what a version answered in its first window
WATCHED#<model>     scored#<file>                   a scored file that was counted (expires)
WATCHED#<model>     captured#<file>                 a file of captured requests that was counted (expires)
SCORED#<model>      <time>#<key>                    a scored file, which labels may be about (expires)
MODEL#<model>       LABELS                          which labels were counted, and which wait for more
MODEL#<model>       POLICY                          the runs that the model's policy let begin, and what it told
REQUEST#<model>/<id>  REQUEST                       the run that a request for one got
TOKEN#<awaited>     TOKEN, <config>#<execution>     task tokens (expire)
AWAITED_JOBS        <transform job>                 task tokens that await a transform job (expire)
LINK#<sha256>       LINK                            a link that may decide, by its secret's hash (expires)
CONSOLE#<sha256>    CONSOLE                         a link to the console, by its secret's hash (expires)
OPERATE#<sha256>    OPERATE                         one that may change things there, too (expires)
OPEN_EXECUTIONS     <execution>                     executions whose end is not written yet
MODEL#<model>       WATCH#<kind>#<end>#<id>         what was measured of the version that serves (expires)
WATCHED#<model>     <kind>#<id>                     a window of these that was kept (expires)
SLOTS               SLOTS                           which runs may have a pipeline, and which wait for that
NEWS                <time>#<id>                     news that no mail has told yet
NEWS                !SENDING                        which of it the mail tells that is being sent
HEARD#<id>          HEARD                           that news was kept, once (expires)
LISTING             LISTING                         how far the look for uploads without an event got
==================  ==============================  =========================================================
"""

from functools import cache
from typing import Any

from app.aws import clients
from app.decide.records import RunRecord
from app.ledger.ballots import Ballots
from app.ledger.decision_links import DecisionLinks
from app.ledger.decisions import Decisions
from app.ledger.deployments import Deployments
from app.ledger.executions import Executions
from app.ledger.listings import Listings
from app.ledger.live_versions import LiveVersions
from app.ledger.refusals import Refusals
from app.ledger.requested_runs import RequestedRuns
from app.ledger.runs import Runs
from app.ledger.slots import PipelineSlots
from app.ledger.task_tokens import TaskTokens
from app.ledger.telling.news import News
from app.ledger.turns import Turns
from app.ledger.watching.admissions import Admissions
from app.ledger.watching.labelled import LabelledRows
from app.ledger.watching.scored import ScoredFiles
from app.settings import settings

__all__ = ["Ledger", "RunRecord", "ledger"]


class Ledger(
    Runs, RequestedRuns, Turns, PipelineSlots, TaskTokens, Executions, LiveVersions, Deployments, Decisions,
    DecisionLinks, Ballots, Refusals, Listings, ScoredFiles, LabelledRows,
    Admissions, News,
):  # fmt: skip
    """All of it, over one table."""

    def __init__(self, table: str, client: Any = None) -> None:
        super().__init__(table, client or clients.client("dynamodb"))


@cache
def ledger() -> Ledger:
    """The ledger of this process."""
    return Ledger(settings("ledger_table").ledger_table)
