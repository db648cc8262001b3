"""A batch of queue messages: each is taken by itself."""

from app.queues import next_attempt_s, process_batch


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
