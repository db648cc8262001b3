"""Who of a version's reviewers said yes, and whether that is enough: N of M, and one no stops. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.names.statuses import Approval
from app.errors import NotCounted

STARTER = "starter"
LINK, REGISTRY = "link", "registry"  # the ways in which somebody says yes or no
LONGEST_REASON = 200  # characters, of one voice, where those of all stand in a line


class ReviewRule(NamedTuple):
    """Whose yes a version needs, as its run's plan froze it; by itself one of whoever IAM permits."""

    model: str
    reviewers: tuple[str, ...] = ()  # addresses
    needed: int = 1
    not_starter: bool = False

    @property
    def counts(self) -> bool:
        """Whether yeses are counted: else the registry's status is the decision, whoever set it."""
        return self.needed > 1 or self.not_starter

    @staticmethod
    def of(model: str, plan: Mapping[str, Any] | None) -> "ReviewRule":
        """The rule of a run's plan; of one that approves itself, or that an earlier release made, it asks nobody."""
        review = (plan or {}).get("review") or {}
        if (plan or {}).get("automatic") or not review:
            return ReviewRule(model)
        not_starter = review.get("not_by") == STARTER
        return ReviewRule(model, tuple(review["reviewers"]), int(review["needed"]), not_starter)

    def reviewer(self, name: str, starters: Iterable[str]) -> str:
        """The reviewer whom ``name`` means: an address, or what IAM calls a principal.

        Raises:
            NotCounted: it means none of them, or one who started the run, where those do not count.
        """
        found = next((one for one in self.reviewers if is_same_person(name, one)), "")
        if not found:
            raise NotCounted(
                f"'{shown(name)}' is none of the reviewers in models/{self.model}.yaml: {', '.join(self.reviewers)}"
            )
        if found in self.barred(starters):
            raise NotCounted(f"{found} started this run, and models/{self.model}.yaml says not_by: {STARTER}")
        return found

    def barred(self, starters: Iterable[str]) -> tuple[str, ...]:
        """The reviewers whose yes does not count, as they started the run."""
        if not self.not_starter:
            return ()
        names = list(starters)
        return tuple(one for one in self.reviewers if any(is_same_person(name, one) for name in names))


class Voice(NamedTuple):
    """What one reviewer said, and how."""

    reviewer: str
    approve: bool
    reason: str
    by: str  # claimed, or what IAM calls the principal
    way: str  # LINK or REGISTRY
    at: str  # ISO


class Ballot(NamedTuple):
    """What the reviewers of a version have said so far."""

    yes: tuple[Voice, ...] = ()
    outcome: str = ""  # what the registry is to say: Approved, Rejected; "" while it is open
    heard: bool = False  # the registry said so

    def said(self, voice: Voice, needed: int) -> "Ballot":
        """The ballot after one more voice. One that is decided stays as it is; a reviewer counts once."""
        if self.outcome:
            return self
        if not voice.approve:
            return Ballot(self.yes, str(Approval.REJECTED))
        if voice.reviewer in self.reviewers:
            return self
        yes = (*self.yes, voice)
        return Ballot(yes, str(Approval.APPROVED) if len(yes) >= needed else "")

    def under(self, reviewers: Collection[str], needed: int) -> "Ballot":
        """The ballot once a version asks other ``reviewers``, or more or fewer of them: the yes of whoever is none of
        them any more does not count. One that is decided stays as it is.
        """
        if self.outcome:
            return self
        yes = tuple(voice for voice in self.yes if voice.reviewer in reviewers)
        return Ballot(yes, str(Approval.APPROVED) if yes and len(yes) >= needed else "")

    def set_in_registry(self, voice: Voice, needed: int) -> "Ballot":
        """The ballot after somebody approved the version in the registry itself: one more yes. After a rejection that
        the registry has heard all begins anew; one that it has not heard yet stands.
        """
        begun = Ballot() if self.outcome == Approval.REJECTED and self.heard else self
        return begun.said(voice, needed)

    def rejected(self) -> "Ballot":
        """The ballot after the registry said that the version is rejected: nobody's yes counts any more."""
        return Ballot((), str(Approval.REJECTED), heard=True)

    def heard_by_registry(self) -> "Ballot":
        """The ballot after the registry said what it came to; of a rejection nobody's yes is left."""
        return self.rejected() if self.outcome == Approval.REJECTED else self._replace(heard=bool(self.outcome))

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Who said yes."""
        return tuple(voice.reviewer for voice in self.yes)

    @property
    def reasons(self) -> str:
        """Why they did, in a line."""
        if self.outcome == Approval.REJECTED:
            return "a reviewer said no"
        told = (f"{one.reviewer}: {shown(one.reason, LONGEST_REASON)}" for one in self.yes if one.reason)
        return "; ".join(told) or f"yes of {', '.join(self.reviewers)}"


def is_same_person(name: str, address: str) -> bool:
    """Whether a name means whoever has an address: it is the address, or, of a name that is none, what stands before
    its @. IAM Identity Center calls its sessions by addresses, IAM its users by short names.
    """
    name, address = name.strip().lower(), address.lower()
    return name == address or (bool(name) and "@" not in name and name == address.partition("@")[0])


def count_text(ballot: Ballot, rule: ReviewRule) -> str:
    """How many of how many said yes, and who."""
    who = f" ({', '.join(ballot.reviewers)})" if ballot.yes else ""
    return f"{len(ballot.yes)} of {rule.needed} yes{who}"


def needed_text(rule: ReviewRule) -> str:
    """How many of whom have to say yes."""
    yes = f"a yes of {rule.needed} of: {', '.join(rule.reviewers)}"
    return yes + (", and none from who started the run" if rule.not_starter else "")
