"""Workers that are started before anybody calls: not in a cloud at rest, all of them once something goes on."""

from localcloud.lambdas.ahead import Ahead
from localcloud.lambdas.packages import code as lambda_code


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rested(clock: Clock) -> Ahead[str]:
    ahead = Ahead[str](10.0, clock)
    assert [ahead.add(name, name) for name in "abc"] == [[], [], []]
    return ahead


def test_a_schedules_one_function_starts_no_other() -> None:
    ahead = rested(Clock())

    assert [ahead.call("a") for _ in range(3)] == [[], [], []]


def test_the_second_function_that_is_called_starts_all_of_them_once() -> None:
    ahead = rested(Clock())
    ahead.call("a")

    assert ahead.call("b") == ["a", "b", "c"]
    assert ahead.call("c") == ahead.call("a") == []


def test_a_function_that_is_made_while_others_are_called_is_started() -> None:
    ahead = rested(Clock())
    ahead.call("a")
    ahead.call("b")

    assert ahead.add("d", "d") == ["d"]


def test_after_a_rest_it_takes_two_again() -> None:
    clock = Clock()
    ahead = rested(clock)
    ahead.call("a")
    ahead.call("b")
    clock.now = 11.0

    assert ahead.call("c") == []
    assert ahead.call("b") == ["a", "b", "c"]


def test_a_function_that_is_gone_is_not_started() -> None:
    ahead = rested(Clock())
    ahead.drop("c")
    ahead.call("a")

    assert ahead.call("b") == ["a", "b"]


def test_functions_with_one_package_hold_it_once() -> None:
    package, equal, other = bytes([1, 2]) * 99, bytes([1, 2]) * 99, b"other"

    assert lambda_code.held_once(equal, [other, package]) is package
    assert lambda_code.held_once(equal, [other]) is equal
