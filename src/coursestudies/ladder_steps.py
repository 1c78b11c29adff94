"""Ladder steps: by how much each row of a ladder scores more than the row it starts from, on the same texts.

No model is trained; the answers come from the records of the ladders, the labels from the real data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coursekit.records import Record, read_record
from coursekit.stats import paired_bootstrap
from coursestudies.comparisons import DRAWS, recorded_answers, same_texts
from coursestudies.ladders import FROM_COMPOUND, LADDERS, NEWS, REVIEWS, Rows
from coursestudies.tasks import load_task, score_of
from coursestudies.writing import data_facts

NAME = "ladder-steps"
WHAT = "Every row of the published ladders against the row it starts from: intervals over texts and training seeds."
STAIRS = {"ladder-agnews": ("ag_news", NEWS), "ladder-imdb": ("imdb", {**REVIEWS, **FROM_COMPOUND})}


def run(seeds: list[int]) -> dict[str, Any]:
    """Compare the rows; the first of the seeds draws the bootstrap samples."""
    summary, read = {}, {}
    for name, (task, rows) in STAIRS.items():
        record, corpus = read_record(name), load_task(task, LADDERS[name].train_texts)
        same_texts(record, task, corpus)
        read[task] = data_facts(corpus)
        summary[name] = steps(record, rows, corpus.validation.labels, seeds[0])
        print(name, "compared", flush=True)
    return {"seeds": seeds[:1], "data": read, "summary": summary, "runs": []}


def steps(record: Record, rows: Rows, truth: Sequence[int], seed: int) -> dict[str, dict[str, Any]]:
    """Return by how much each row of a ladder scores more than the one it starts from, with the interval."""
    score = score_of("accuracy", max(truth) + 1)
    found = {}
    for name, (parent, _) in rows.items():
        if parent is None:
            continue
        ours, theirs = (recorded_answers(record.arm(arm).runs) for arm in (name, parent))
        gap, low, high = paired_bootstrap(truth, ours, theirs, score, seed=seed, draws=DRAWS)
        found[name] = {"from": parent, "difference": gap, "low": low, "high": high}
    return found
