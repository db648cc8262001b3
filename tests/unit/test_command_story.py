"""Commands register themselves, each with the one that it follows in the story."""

import pytest

from cli import commands
from cli.commands import Command, OutOfOrder, story
from cli.main import application

STORY = [
    "demo", "new", "check", "up", "down", "doctor", "publish", "upload", "withdraw", "start", "status", "watch", "open",
    "approve", "reject", "rollback", "retry", "redrive", "predict", "score", "report", "why", "quality", "drift",
    "evidence", "cost", "cleanup",
]  # fmt: skip


def at(name: str, after: str) -> Command:
    return Command(name, lambda: None, after)


def test_commands_are_listed_as_the_story_goes() -> None:
    assert [command.name for command in commands.load()] == STORY
    assert [command.name for command in application().registered_commands] == STORY


def test_of_two_commands_that_follow_the_same_the_first_registered_comes_first_with_all_behind_it() -> None:
    found = story([at("status", "start"), at("start", ""), at("quality", "start"), at("watch", "status")])

    assert [command.name for command in found] == ["start", "status", "watch", "quality"]


@pytest.mark.parametrize("lost", [at("watch", "nothing"), at("watch", "watch")])
def test_a_command_that_follows_none_is_refused_by_name(lost: Command) -> None:
    with pytest.raises(OutOfOrder, match=f"command 'watch' follows '{lost.after}'"):
        story([at("start", ""), lost])


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(OutOfOrder, match="there are two commands 'up'"):

        @commands.command(after="demo")
        def up() -> None:
            """A second one."""
