"""Records of a CSV, block by block, with their lines."""

import csv
import io

import pytest
from app.decide.uploads import csv_blocks
from hypothesis import given
from hypothesis import strategies as st

CELLS = st.text(st.sampled_from('ab,"\n\r'), max_size=6)
ROWS = st.lists(st.one_of(st.just([]), st.lists(CELLS, min_size=2, max_size=3)), max_size=12)


def text_of(rows, end):
    lines = io.StringIO()
    for row in rows:
        csv.writer(lines, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(row)
    return lines.getvalue()


@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([1, 3, 256]))
def test_lines_are_those_on_which_the_records_begin(rows, end, size):
    text = text_of(rows, end)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "ROWS", size)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        found = [pair for lines, records in csv_blocks.blocks_of(reader) for pair in zip(lines, records, strict=True)]

    slow, before, expected = csv.reader(io.StringIO(text, newline=""), strict=True), 0, []
    for record in slow:
        if record:
            expected.append((before + 1, record))
        before = slow.line_num
    assert found == expected
