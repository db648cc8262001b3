"""Uploads that gzip packed, as they stream by."""

import gzip
import io
from collections.abc import Iterator

import pytest
from app.decide.names.hashes import Hashed
from app.decide.uploads import unpacking
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.unpacking import Unpacked
from data import tables
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

TEXT = b"a,b\n" + b"1,2\n" * 100_000


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    file = io.BytesIO(body)
    return iter(lambda: file.read(size), b"")


@given(st.binary(max_size=200), st.integers(1, 7))
def test_bytes_are_the_same_however_they_are_packed_and_in_whatever_pieces_they_come(body: bytes, size: int) -> None:
    plain = b"a" + body  # so that it has no mark itself

    assert b"".join(Unpacked(in_pieces(gzip.compress(plain), size))) == plain
    assert b"".join(Unpacked(in_pieces(plain, size))) == plain


def test_a_table_has_one_hash_packed_or_not_and_whenever_it_was_packed() -> None:
    bodies = [TEXT, gzip.compress(TEXT, mtime=1), gzip.compress(TEXT, 1, mtime=2)]
    hashes = [Hashed(Unpacked([body])) for body in bodies]

    assert [b"".join(one) == TEXT for one in hashes] == [True, True, True]
    assert len({one.sha256 for one in hashes}) == 1


def test_how_much_a_file_unpacks_to_is_known_and_guessed_of_one_that_was_read_in_part() -> None:
    packed, plain = gzip.compress(TEXT), Unpacked([TEXT])
    whole, part = Unpacked([packed]), Unpacked(in_pieces(packed, 100))

    assert (len(b"".join(whole)), whole.unpacked_size(len(packed))) == (len(TEXT), len(TEXT))
    assert next(iter(part))
    assert part.unpacked_size(len(packed)) > len(packed)
    assert (b"".join(plain), plain.unpacked_size(len(TEXT))) == (TEXT, 0)


def test_a_file_that_unpacks_to_more_than_a_table_does_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    for module in (unpacking, tables.uploaded_bytes):
        monkeypatch.setattr(module, "UNBOUNDED", 1_000_000)
    bomb = gzip.compress(b"a,b\n" + b"\n" * 50_000_000)
    unpacked, read = Unpacked([bomb]), 0
    (tmp_path / "bomb.csv.gz").write_bytes(bomb)
    (source,) = tables.sources(tmp_path)

    with pytest.raises(Problem, match="unpacks to more than 100 times its size"):
        read = sum(map(len, unpacked))
    assert (read, unpacked.size_bytes < 10_000_000) == (0, True)
    with pytest.raises(Refused, match="unpacks to more than 100 times its size"):
        list(tables.read(source, ["a"]))
