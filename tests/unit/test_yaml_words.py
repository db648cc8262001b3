"""The name of a column is written so that YAML reads it back, whatever else it would be without quotes."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cli.guess.yaml_words import plain


@pytest.mark.parametrize(
    "name", ["age", "2026-02-30", "2026-03-14", "9" * 5000, "0x" + "f" * 5000, "no", "1e3", "month of day", "", "a: b"]
)
def test_an_odd_name_is_read_back(name: str) -> None:
    assert yaml.safe_load(plain(name)) == name


@given(st.from_regex(r"[0-9a-fxeon_./%() -]{1,20}", fullmatch=True))
def test_any_name_is_read_back(name: str) -> None:
    assert yaml.safe_load(plain(name)) == name
