"""Data: catalogue, sources, splits, and the corpora that stand in when the real ones are out of reach."""

from coursekit.data.catalogue import CATALOGUE, DatasetSpec, spec_of
from coursekit.data.corpus import Corpus, Source, Split
from coursekit.data.hub import hub_reachable
from coursekit.data.loading import load, read_official
from coursekit.data.memory_tasks import adding_problem, temporal_order
from coursekit.data.messages import messages_table
from coursekit.data.mirror import MirrorError, check_mirror, write_mirror
from coursekit.data.rare import rare_class, rare_parts
from coursekit.data.reviews import clean_label, make_reviews

__all__ = [
    "CATALOGUE",
    "Corpus",
    "DatasetSpec",
    "MirrorError",
    "Source",
    "Split",
    "adding_problem",
    "check_mirror",
    "clean_label",
    "hub_reachable",
    "load",
    "make_reviews",
    "messages_table",
    "rare_class",
    "rare_parts",
    "read_official",
    "spec_of",
    "temporal_order",
    "write_mirror",
]
