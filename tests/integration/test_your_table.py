"""docs/your-table.md, followed word for word in a copy of the project: what it says of a command is so."""

import re
from pathlib import Path

import yaml
from followed_documents import blocks_of, follow
from project_copy import copied_to


def test_the_page_about_tables_works_word_for_word(tmp_path: Path) -> None:
    project = copied_to(tmp_path)

    said = [follow(block, project) for block in blocks_of("docs/your-table.md") if not block.startswith("make ")]

    _, orders, visits, sales, checked = said
    assert re.search(r"^  id +orderID +by its name, and no two rows have the same$", orders, re.MULTILINE)
    assert re.search(r"^  group +customer +1,600 rows are of 400 different ones", visits, re.MULTILINE)
    assert re.search(r"^  split +at random +if later rows .*: split: \{by: day\}$", sales, re.MULTILINE)
    assert checked.strip() == "models/sales.yaml: good"
    written = {name: yaml.safe_load((project / "models" / f"{name}.yaml").read_text()) for name in ("orders", "visits")}
    assert (written["orders"]["data"]["id"], written["visits"]["data"]["group"]) == ("orderID", ["customer"])
    assert "customer" not in written["visits"]["data"]["columns"]
