"""A batch of queue messages: each is taken by itself."""

import json

from app.queues import lease_s, next_attempt_s, process_batch


def batch(*bodies: str) -> dict[str, list[dict[str, str]]]:
    return {"Records": [{"messageId": f"message {body}", "body": body} for body in bodies]}


def test_a_message_that_fails_comes_again_and_the_others_are_done() -> None:
    taken, told = [], []

    def take(body: str) -> None:
        if body == "bad":
            raise KeyError(body)
        taken.append(body)

    answer = process_batch(
        batch("first", "bad", "last"), take, lambda record, error: told.append((record["messageId"], repr(error)))
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message bad"}]}
    assert taken == ["first", "last"]
    assert told == [("message bad", "KeyError('bad')")]


def test_all_come_again_where_all_fail() -> None:
    answer = process_batch(batch("1", "x"), int, lambda *_: None)
    nothing = process_batch(batch("x", "y"), int, lambda *_: None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message x"}]}
    assert nothing == {"batchItemFailures": [{"itemIdentifier": "message x"}, {"itemIdentifier": "message y"}]}


def test_a_message_that_fails_for_a_passing_reason_comes_again_in_seconds_then_minutes() -> None:
    delays = [next_attempt_s({"attributes": {"ApproximateReceiveCount": str(count)}}) for count in range(1, 11)]

    assert delays == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def of_sizes(*sizes: object) -> dict[str, list[dict[str, str]]]:
    return batch(*(json.dumps({"detail": {"object": {"size": size}}}) for size in sizes))


def test_a_batch_whose_function_dies_comes_again_after_as_long_as_its_files_take() -> None:
    assert lease_s(of_sizes(1_000, 20_000), remaining_s=300) == 30
    assert lease_s(of_sizes(60_000_000, 40_000_000), remaining_s=300) == 130
    assert lease_s(of_sizes(5_000_000_000), remaining_s=300) == 330
    assert lease_s(of_sizes(10, "many"), remaining_s=300) == 330
    assert lease_s(batch("no JSON"), remaining_s=300) == 330
