"""Workers that are started ahead: none in a cloud at rest, all of a stack once something goes on in it."""

from localcloud.lambdas.ahead import Ahead
from localcloud.lambdas.packages import code as lambda_code


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def arn(function: str, stack: str = "retrain") -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{stack}-{function}-SBprctLsOiBJ"


def rested(clock: Clock) -> Ahead[str]:
    ahead = Ahead[str](10.0, clock)
    assert [ahead.add(arn(name), name) for name in "abc"] == [[], [], []]
    return ahead


def test_a_schedules_one_function_starts_no_other() -> None:
    ahead = rested(Clock())

    assert [ahead.call(arn("a")) for _ in range(3)] == [[], [], []]


def test_the_second_function_that_is_called_starts_all_of_them_once() -> None:
    ahead = rested(Clock())
    ahead.call(arn("a"))

    assert ahead.call(arn("b")) == ["a", "b", "c"]
    assert ahead.call(arn("c")) == ahead.call(arn("a")) == []


def test_what_goes_on_in_a_stack_starts_no_function_of_another() -> None:
    ahead = rested(Clock())
    ahead.add(arn("a", "retrain-too"), "another's")
    ahead.call(arn("a"))

    assert ahead.call(arn("a", "retrain-too")) == []
    assert ahead.call(arn("b")) == ["a", "b", "c"]
    assert ahead.add(arn("b", "retrain-too"), "another's") == []
    assert ahead.call(arn("b", "retrain-too")) == ["another's", "another's"]


def test_functions_that_no_stack_made_start_none() -> None:
    ahead = Ahead[str](10.0, Clock())
    by_hand = [f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in ("one", "the-other")]

    assert [ahead.add(name, name) for name in by_hand] == [ahead.call(name) for name in by_hand] == [[], []]


def test_a_function_that_is_made_while_others_are_called_is_started() -> None:
    ahead = rested(Clock())
    ahead.call(arn("a"))
    ahead.call(arn("b"))

    assert ahead.add(arn("d"), "d") == ["d"]


def test_after_a_rest_it_takes_two_again() -> None:
    clock = Clock()
    ahead = rested(clock)
    ahead.call(arn("a"))
    ahead.call(arn("b"))
    clock.now = 11.0

    assert ahead.call(arn("c")) == []
    assert ahead.call(arn("b")) == ["a", "b", "c"]


def test_a_function_that_is_gone_is_not_started() -> None:
    ahead = rested(Clock())
    ahead.drop(arn("c"))
    ahead.call(arn("a"))

    assert ahead.call(arn("b")) == ["a", "b"]


def test_functions_with_one_package_hold_it_once() -> None:
    package, equal, other = bytes([1, 2]) * 99, bytes([1, 2]) * 99, b"other"

    assert lambda_code.held_once(equal, [other, package]) is package
    assert lambda_code.held_once(equal, [other]) is equal
