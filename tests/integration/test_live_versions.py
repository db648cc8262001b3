"""Which version serves: written by whoever knew what served before."""

import pytest
from app.errors import Contended
from app.ledger.live_versions import LiveVersion
from moto_world import World


def test_the_version_that_was_verified_last_serves_also_when_it_is_an_older_one(world: World) -> None:
    book = world.ledger
    for version in (1, 2, 1):
        book.set_live_version("churn", LiveVersion(version, f"model-{version}"), "run", book.live_version("churn"))

    assert book.live_version("churn") == LiveVersion(1, "model-1", revision=3)
    assert book.live_version("house-price") is None


@pytest.mark.parametrize("known", [True, False], ids=["in the place of another", "as the first"])
def test_of_two_that_come_into_service_at_once_the_second_looks_again(world: World, known: bool) -> None:
    book = world.ledger
    if known:
        book.set_live_version("churn", LiveVersion(1, "model-1"), "run", None)
    before = book.live_version("churn")
    book.set_live_version("churn", LiveVersion(3, "model-3"), "run", before)

    with pytest.raises(Contended):
        book.set_live_version("churn", LiveVersion(2, "model-2"), "run", before)
    served = book.live_version("churn")
    assert served
    assert served.version == 3


def test_when_what_served_was_taken_away_the_next_is_as_the_first(world: World) -> None:
    book = world.ledger
    book.set_live_version("churn", LiveVersion(2, "model-2"), "run", None)
    book.remove_live_version("churn")
    book.set_live_version("churn", LiveVersion(1, "model-1"), "run", book.live_version("churn"))

    assert book.live_version("churn") == LiveVersion(1, "model-1", revision=1)


def test_a_number_that_a_cleaned_up_registry_gives_again_is_another_version(world: World) -> None:
    book, old, new = world.ledger, "churn-20260314t101500-aaaaaa", "churn-20260401t101500-bbbbbb"
    book.record_version_run(old, 1)
    book.record_failure("churn", 1, "it never answered")
    book.record_version_run(old, 1)  # heard again
    still = book.failed_versions("churn")

    book.record_version_run(new, 1)

    assert (still, book.failed_versions("churn"), book.run_of_version("churn", 1)) == ({1}, set(), new)
