"""Data: catalogue, sources, splits, and the corpora that stand in when the real ones are out of reach."""

from coursekit.data.catalogue import CATALOGUE, DatasetSpec, spec_of
from coursekit.data.corpus import Corpus, Source, Split
from coursekit.data.hub import hub_reachable
from coursekit.data.loading import load, read_official
from coursekit.data.memory_tasks import adding_problem, temporal_order
from coursekit.data.mirror import check_mirror, write_mirror
from coursekit.data.reviews import clean_label, make_reviews
from coursekit.data.tables import DataError, from_table

__all__ = [
    "CATALOGUE", "Corpus", "DataError", "DatasetSpec", "Source", "Split", "adding_problem", "check_mirror", "clean_label",
    "from_table", "hub_reachable", "load", "make_reviews", "read_official", "spec_of", "temporal_order", "write_mirror",
]  # fmt: skip
