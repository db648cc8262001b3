"""Which accepted uploads a run learns from: what the bucket holds now decides."""

from app.decide.uploads.standing import KEPT, REPLACED, LeftOut, StoredVersion, standing
from hypothesis import given
from hypothesis import strategies as st


def file(key: str, version: str, content: str = "", batch: int = 1, at: str = "", withdrawn: str = "") -> dict:
    return {
        "key": key, "version_id": version, "content": content or f"{key}{version}", "etag": "e", "size_bytes": 9,
        "batch": batch, "uploaded_at": at or version, "withdrawn": withdrawn,
    }  # fmt: skip


def stored(*versions: tuple[str, str]) -> list[StoredVersion]:
    return [StoredVersion(key, version, version == "gone") for key, version in versions]


def names(files: list[dict]) -> list[str]:
    return [f"{one['key']} {one['version_id']}" for one in files]


def test_a_newer_version_of_a_key_replaces_the_older() -> None:
    found = standing([file("a", "1"), file("a", "2"), file("b", "1")], stored(("a", "2"), ("a", "1"), ("b", "1")), True)

    assert names(found.files) == ["b 1", "a 2"]
    assert found.left_out == [LeftOut("a", "1", REPLACED)]


def test_a_newer_version_that_was_not_accepted_replaces_nothing() -> None:
    found = standing([file("a", "1")], stored(("a", "2"), ("a", "1")), True)

    assert names(found.files) == ["a 1"]


def test_a_deleted_key_is_out_with_all_its_versions_until_it_is_put_again() -> None:
    files = [file("a", "1"), file("a", "2"), file("b", "1")]

    found = standing(files, stored(("a", "gone"), ("a", "2"), ("a", "1"), ("b", "1")), True)
    again = standing([*files, file("a", "3")], stored(("a", "3"), ("a", "2"), ("a", "1"), ("b", "1")), True)

    assert names(found.files) == ["b 1"]
    assert {one.why for one in found.left_out} == {"it was deleted"}
    assert names(again.files) == ["b 1", "a 3"]


def test_a_version_that_is_gone_is_left_out_by_name() -> None:
    found = standing([file("a", "1"), file("b", "1")], stored(("b", "1")), True)

    assert found.left_out == [LeftOut("a", "1", "this version of it was deleted")]


def test_equal_content_under_two_keys_counts_once() -> None:
    found = standing([file("a", "1", "x"), file("b", "2", "x")], stored(("a", "1"), ("b", "2")), True)

    assert names(found.files) == ["a 1"]
    assert found.left_out == [LeftOut("b", "2", "its content is that of a")]


def test_equal_content_counts_again_once_the_first_is_deleted() -> None:
    found = standing([file("a", "1", "x"), file("b", "2", "x")], stored(("a", "gone"), ("a", "1"), ("b", "2")), True)

    assert names(found.files) == ["b 2"]


def test_files_of_unknown_content_are_equal_by_etag_and_size() -> None:
    files = [file("a", "1") | {"content": ""}, file("b", "2") | {"content": ""}]

    assert names(standing(files, stored(("a", "1"), ("b", "2")), True).files) == ["a 1"]


def test_what_was_withdrawn_is_out_with_its_reason_and_no_older_version_comes_back() -> None:
    files = [file("a", "1", withdrawn="wrong month"), file("a", "2", withdrawn="wrong month")]

    found = standing(files, stored(("a", "2"), ("a", "1")), True)

    assert found.files == []
    assert {one.why for one in found.left_out} == {"withdrawn: wrong month"}


def test_of_snapshots_the_newest_batch_counts_that_has_a_file() -> None:
    files = [file("a", "1", batch=1), file("b", "2", batch=2), file("c", "3", batch=3)]

    found = standing(files, stored(("a", "1"), ("b", "2"), ("c", "gone"), ("c", "3")), append=False)

    assert names(found.files) == ["b 2"]


def test_a_gateways_empty_put_put_copy_and_rename_give_each_row_once() -> None:
    """a.csv: put (2) and copied onto itself (3); b.csv: put as b.csv.tmp, which is ignored, and copied from it (5)."""
    files = [file("a", "2", "x"), file("a", "3", "x"), file("b", "5", "y")]
    found = standing(
        files, stored(("a", "3"), ("a", "2"), ("a", "1"), ("b.tmp", "gone"), ("b.tmp", "4"), ("b", "5")), True
    )

    assert names(found.files) == ["a 3", "b 5"]


def test_a_run_is_told_the_first_by_name_and_all_by_number() -> None:
    files = [file("a", f"{at:03}") for at in range(3 * KEPT)] + [file("b", "1")]
    versions = stored(*(("a", f"{at:03}") for at in reversed(range(3 * KEPT))))

    told = standing(files, versions, True).told()

    assert told["left_out"][0] == {"key": "b", "version_id": "1", "why": "this version of it was deleted"}
    assert len(told["left_out"]) == KEPT
    assert told["left_out_counts"] == {REPLACED: 3 * KEPT - 1, "other": 1}
    nothing = standing([file("b", "1")], stored(("b", "1")), True).told()
    assert nothing == {"left_out": [], "left_out_counts": {}}  # which an earlier look may have said otherwise


VERSIONS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "3", "gone"])), max_size=8, unique=True
)


@given(VERSIONS, st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("123"))), st.booleans())
def test_every_accepted_file_counts_or_is_left_out_once(versions, accepted, append) -> None:
    files = [file(key, version, content=version) for key, version in sorted(accepted)]

    found = standing(files, stored(*versions), append)
    counted = {(one["key"], one["version_id"]) for one in found.files}
    out = [(one.key, one.version_id) for one in found.left_out]

    assert len(out) == len(set(out))
    assert counted.isdisjoint(out)
    assert counted | set(out) == accepted
    assert len({one["content"] for one in found.files}) == len(found.files) == len({key for key, _ in counted})
