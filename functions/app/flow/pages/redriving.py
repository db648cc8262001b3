"""Dead letters of the stack: how many there are, and, when somebody asks for that, back to who could not take them."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from app.aws import functions, message_queues
from app.aws.watching import dead_letters
from app.decide.operating.letters import DECIDES, Letter, Route, route, subject
from app.errors import SetupError
from app.settings import Settings

MOST = 100  # letters at a time: the function has five minutes
LOOK_S = 300  # how long nobody else sees a letter that was read


class Redriven(NamedTuple):
    """What became of letters."""

    sent: tuple[str, ...]
    left: tuple[str, ...]  # and why


def queues(settings: Settings) -> dict[str, str]:
    """The URL of each dead letter queue, by its name."""
    return {"arrivals": settings.arrivals_letters_url, "events": settings.events_letters_url}


def counts(settings: Settings) -> dict[str, int]:
    """About how many letters each queue has."""
    return {name: message_queues.waiting(url) for name, url in queues(settings).items()}


def redrive(settings: Settings) -> Redriven:
    """Hand each letter over, then delete it; those that stay can be seen by others again. Twice is as good as once."""
    sent, left = [], []
    takers = {"ArrivalsQueueUrl": settings.arrivals_queue_url, "ChampionQueueUrl": settings.champion_queue_url}
    names = functions.names(settings.stack)
    for queue, url in queues(settings).items():
        for letter in dead_letters.letters(queue, url, MOST, LOOK_S):
            found = route(letter)
            if why := _refusal(letter, found, takers, names):
                message_queues.receive_again_in(url, letter.receipt, 0)
                left.append(f"{found.what}: {why}")
            else:
                dead_letters.delete(url, letter.receipt)
                sent.append(subject(found.what, found.to, letter.why))
    return Redriven(tuple(sent), tuple(left))


def _refusal(letter: Letter, found: Route, takers: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Hand a letter over; why it stays, "" where it was taken."""
    if not found.to:
        return "nobody is known who takes it"
    if DECIDES in found.to:
        return "a decision is sent again by `retrain redrive` alone"
    try:
        for to in found.to:
            if to in takers:
                dead_letters.send_text(takers[to], letter.body)
            else:
                functions.invoke(names[to], found.event or json.loads(letter.body))
    except SetupError as error:
        return str(error)
    return ""
