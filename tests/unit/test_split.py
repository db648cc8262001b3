"""A row's share is decided by what it is, never by where it stands."""

import numpy as np
from data.splitting import splits
from hypothesis import given
from hypothesis import strategies as st

SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15}
IDS = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=60, unique=True)


@given(IDS, st.randoms(use_true_random=False))
def test_order_and_shards_do_not_move_a_row(ids, random):
    shuffled = random.sample(ids, len(ids))
    cut = random.randrange(len(ids) + 1)

    whole = dict(zip(ids, splits.shares(splits.row_keys(ids, "s"), SPLIT), strict=True))
    shards = [shuffled[:cut], shuffled[cut:]]
    parts = {
        id_: share
        for shard in shards
        for id_, share in zip(shard, splits.shares(splits.row_keys(shard, "s"), SPLIT), strict=True)
    }

    assert parts == whole


def test_the_split_is_the_same_in_every_release():
    keys = splits.row_keys(["7590-VHVEG", "", "Zoë"], "churn")

    assert [hex(key) for key in keys] == ["0x5e28d5870ec40bd4", "0xbe9f0ae9f4c0facf", "0x78aa67d132f1c6c3"]


def test_shares_have_the_sizes_of_the_fractions():
    keys = splits.row_keys((str(number) for number in range(100_000)), "s")

    sizes = np.bincount(splits.shares(keys, SPLIT)) / 100_000

    assert np.allclose(sizes, [0.7, 0.15, 0.15], atol=0.005)


def test_another_salt_deals_anew():
    ids = [str(number) for number in range(1000)]

    first, second = (splits.shares(splits.row_keys(ids, salt), SPLIT) for salt in ("a", "b"))

    assert (first != second).sum() > 300


def test_the_highest_key_is_still_held_out():
    assert splits.shares(np.array([0, 2**64 - 1], np.uint64), SPLIT).tolist() == [splits.TRAIN, splits.TEST]


@given(st.lists(st.integers(0, 5), max_size=30))
def test_of_one_key_the_last_row_counts(numbers):
    keep = splits.newest(np.array(numbers, np.uint64))

    last = {number: row for row, number in enumerate(numbers)}
    assert sorted(np.flatnonzero(keep).tolist()) == sorted(last.values())


def test_a_key_twice_in_one_file_with_two_answers_is_found():
    keys = np.array([5, 9, 5, 9], np.uint64)
    files = np.array([0, 0, 0, 1], np.int32)

    assert splits.contradiction(keys, files, np.array([1.0, 0.0, 0.0, 1.0])) == (0, 2)


def test_a_key_may_change_its_answer_in_a_later_file():
    keys, files = np.array([5, 5], np.uint64), np.array([0, 1], np.int32)

    assert splits.contradiction(keys, files, np.array([1.0, 0.0])) is None


def test_a_row_on_the_edge_of_a_share_belongs_to_the_next() -> None:
    split = {"train": 0.5, "validation": 0.25, "test": 0.25}

    found = splits.shares(np.array([2**63 - 1, 2**63, 3 * 2**62], np.uint64), split)

    assert found.tolist() == [splits.TRAIN, splits.VALIDATION, splits.TEST]
