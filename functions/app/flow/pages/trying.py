"""A form to ask a model's endpoint about one record, for whoever has a link that operates: to ask costs, and counts
among the endpoint's calls.
"""

from app.aws import data_bucket, endpoints
from app.decide.names.resource_names import resource_name
from app.decide.operating.tried_records import MOST_COLUMNS, fields, record_csv, tried
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.web_requests import PageRequested
from app.errors import AccessDenied, SetupError, UnknownModel
from app.flow.pages.opening import Opened
from app.settings import Settings


def answer(asked: PageRequested, found: Opened, settings: Settings) -> Answer:
    """Show the form, or ask the endpoint what it says."""
    if not found.operates:
        return answers.said(endings.READ_ONLY)
    try:
        model = data_bucket.published(settings.data_bucket, asked.name)
    except (UnknownModel, AccessDenied):
        return answers.said(endings.NOT_THERE)
    form = fields(model.data, asked.form or {})
    if model.mode == "batch" or len(form) > MOST_COLUMNS:
        return answers.said(endings.NO_FORM)
    shown = {"root": found.root, "model": asked.name, "fields": form}
    if asked.method != "POST":
        return answers.page(200, "form shown", "try.html", **shown, answered=None, problem="")
    try:
        said = endpoints.invoke(resource_name(settings.stack, asked.name), record_csv(form), "text/csv")
        return answers.page(200, "tried", "try.html", **shown, answered=tried(said), problem="")
    except SetupError as error:
        return answers.page(400, "refused record", "try.html", **shown, answered=None, problem=str(error))
