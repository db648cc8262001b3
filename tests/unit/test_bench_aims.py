"""A benchmark's aims: a ratio that is missed is said, and fails the whole."""

from benchmarks.aims import Aim, Part, missed

MET, OVER = Aim("as quick as the script", 3.0, 2.0, 1.5), Aim("memory, of 350 MB", 351.0, 350.0)


def test_a_limit_is_inclusive() -> None:
    assert MET.met
    assert not OVER.met


def test_what_was_not_measured_meets_nothing() -> None:
    assert not Aim("nothing beside", 1.0, 0.0).met
    assert not Aim("no number", float("nan"), 1.0).met


def test_what_is_missed_is_known_by_name_and_marked_on_the_page() -> None:
    parts = [Part("## One\n\ntext\n", (MET,)), Part("## Two\n", (OVER,))]

    assert missed(parts) == [OVER]
    assert parts[0].whole().splitlines()[-1] == "| as quick as the script | 1.50 | 1.50 |  |"
    assert parts[1].whole().splitlines()[-1] == "| memory, of 350 MB | 1.00 | 1.00 | missed |"


def test_a_part_without_aims_is_its_page() -> None:
    assert Part("## Three\n").whole() == "## Three\n"
