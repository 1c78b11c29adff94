"""The page that says how this book is checked, with what this build and the records count."""

from __future__ import annotations

import json
from typing import Any

from coursekit.records import read_record, record_names
from tools.marks import MARK, RESULTS, prose_files, prose_of
from tools.project import repository_address


def checked_page(costs: dict[str, dict[str, Any]], source: str) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    costs : dict of str to dict
        One entry for each notebook that the build executed.
    source : str
        What data they ran on.
    """
    chapters = json.loads((RESULTS / "claims.json").read_text(encoding="utf-8"))["chapters"]
    runs = [run for chapter in chapters.values() for run in chapter["runs"]]
    claims = [claim for run in runs for claim in run["claims"]]
    marked = sum(len(MARK.findall(prose_of(path))) for path in prose_files())
    studies = [read_record(name) for name in record_names() if name not in ("claims", "published")]
    trainings = sum("history" in run for study in studies for run in study.runs)
    return f"""\
# How this book is checked

A book can say anything. What stands behind what this one says, and what does not?

| What | How many | When it is checked |
| --- | ---: | --- |
| notebooks executed from their first cell, on {source} | {len(costs)} | in every build; a cell that fails stops it |
| claims that held, of {len(claims):,} | {sum(claim["holds"] for claim in claims):,} | \
in {len(runs)} runs: three seeds on the stand-ins and three on real data, for every chapter |
| measured numbers in the text | {marked} | in every test: each must equal its record, rounded as shown |
| recorded studies and benchmarks | {len(studies)} | when somebody runs again the command that each names |
| trainings in them | {trainings} | each names its seed, texts, configuration and machine |

**A claim** is a sentence with a tick and a number in brackets. The code computes both; where the condition does not hold, the
page is not built. [Data, budgets and claims](data_and_budgets.md) says more. A record of claims that is older than the code it
speaks of fails a test.

**The prose between** is read, not computed. Each chapter was read against what it printed, on six runs, by readers who had not
written it. Such a reading finds most errors and not all. If you find one, [say so]({repository_address()}/issues).

**The package** has tests with properties that must hold for every input: the same answer alone and in any batch, equality with
PyTorch to $10^{{-6}}$, the same numbers twice. **Homework** is graded in tests, honest work and dishonest.

**What nobody checks by machine:** whether an explanation explains; whether a citation says what it is cited for; whether a
result on these texts holds on yours.
"""
