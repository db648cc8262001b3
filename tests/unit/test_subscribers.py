"""What a person is told of who hears of requests for approval."""

import pytest

from cli.stack.subscribers import Subscribers, render, render_reviewers, warnings
from cli.stack.target import Target


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Subscribers(1, [], []), []),
        (Subscribers(0, [], []), ["nobody is subscribed to the notification topic: nobody hears of requests"]),
        (Subscribers(0, ["a@b.c"], []), ["nobody is subscribed to the notification topic (a@b.c has not confirmed)"]),
        (Subscribers(1, [], ["a@b.c"]), ["whoever is passed a mail of a@b.c can unsubscribe it"]),
    ],
)
def test_nobody_subscribed_and_links_that_anybody_may_follow_are_told(found: Subscribers, told: list[str]) -> None:
    texts = render(found)

    assert len(texts) == len(told)
    assert all(text.startswith(start) for text, start in zip(texts, told, strict=True))


def test_a_reviewer_who_has_not_confirmed_is_told_by_name() -> None:
    (told,) = render_reviewers(Subscribers(1, ["ada@example.org"], ["grace@example.org"]))

    assert told.startswith("reviewer ada@example.org has not confirmed the subscription, and gets no link")


def test_on_this_machine_nobody_can_be_reached_and_nothing_is_said() -> None:
    assert warnings(Target("http://127.0.0.1:1")) == []
