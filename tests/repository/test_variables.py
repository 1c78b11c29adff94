"""The manual names every variable of the environment that the code reads."""

import re

from tools.project import ROOT

READ = re.compile(r"""environ(?:\.get\(|\[)\s*["'](COURSEKIT_[A-Z_]+)""")


def test_every_variable_has_its_row_and_every_row_a_variable():
    page = (ROOT / "book" / "data_and_budgets.md").read_text(encoding="utf-8")
    table = page.partition("## Every variable")[2]
    named = re.findall(r"^\| `(COURSEKIT_[A-Z_]+)` \|", table, re.MULTILINE)
    sources = [
        path.read_text(encoding="utf-8")
        for place in ("src", "tools")
        for path in (ROOT / place).rglob("*.py")
    ]
    read = {name for source in sources for name in READ.findall(source)}
    assert len(read) > 5 and len(named) == len(set(named)) and set(named) == read
