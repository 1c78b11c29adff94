"""The page that says how the book is checked counts what there is, and no more."""

import re

from coursekit.records import read_record
from tools.checked_page import checked_page


def rows_of(page):
    return {
        line.split("|")[1].strip(): line.split("|")[2].strip()
        for line in page.splitlines()
        if line[:2] == "| "
    }


def test_the_counts_are_those_of_the_build_and_of_the_records():
    rows = rows_of(checked_page({"03_x": {}, "04_y": {}}, "the stand-in data"))
    assert rows["notebooks executed from their first cell, on the stand-in data"] == "2"
    (claims,) = [name for name in rows if name.startswith("claims that held")]
    assert re.search(r"[\d,]+$", claims)[0] == rows[claims]
    assert int(rows["trainings in them"]) >= len(read_record("optimisers-imdb").runs)
