"""What people are told of a model's policy: a run that is due and was held back, or that waits for their word. Pure."""

from app.decide.notifications import Draft, notice
from app.decide.watching.policy import Decision, Hold


@notice("held-back")
def held_back_notice(model: str, decision: Decision, what: str) -> Draft:
    """A run was due and did not begin; ``what`` is the same for the same news."""
    asks = decision.hold is Hold.ASK
    first = f"{model} should be retrained, and waits for your word." if asks else f"No run of {model} began."
    lines = [
        first,
        f"  {decision.reason}",
        *(["", "What speaks for one:", *(f"  {text}" for text in decision.evidence)] if decision.evidence else []),
        "",
        "To begin one now, whatever the policy says:",
        f"  retrain start {model}",
        f"The policy is the section retrain: of models/{model}.yaml.",
    ]
    subject = f"{model}: please start a run" if asks else f"{model}: a run was held back ({decision.hold})"
    return Draft(subject, lines, {"model": model, "cause": str(decision.cause)}, (model, what))


@notice("uncounted")
def uncounted_notice(model: str, unread: int, later: int, what: str) -> Draft:
    """Captured requests were not counted; ``what`` is the same for the same news."""
    lines = [
        f"Some of what {model}'s endpoint captured is not counted in its drift windows:",
        *([f"  {unread} requests or files cannot be read as requests of this model"] if unread else []),
        *([f"  {later} files are dated later than now"] if later else []),
        "",
        "All others are counted, and the policy decides by them.",
        f"They lie below captured/{model}/ of the data bucket: see who writes there beside SageMaker, and whether",
        "callers send what the model, as it is published now, does not take.",
    ]
    facts = {"model": model, "unread": str(unread), "later": str(later)}
    return Draft(f"{model}: captured requests are not counted", lines, facts, (model, what))


def cause_lines(cause: dict[str, object]) -> list[str]:
    """What began a run, in words; nothing of one that uploads or a person began."""
    return [f"What began its run, {text}" for text in cause_texts(cause)]


def cause_texts(cause: dict[str, object]) -> list[str]:
    """What began a run, and the evidence; nothing of one that uploads or a person began."""
    kind, evidence = str(cause.get("kind", "")), cause.get("evidence", ())
    texts = [str(text) for text in evidence] if isinstance(evidence, list | tuple) else []
    return [f"{kind}: {'; '.join(texts)}"] if kind in ("schedule", "quality", "drift") else []
