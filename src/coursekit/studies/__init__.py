"""Room 9, studies: long runs, recorded once with their provenance, and read by the chapters.

Left out: a search that learns from its trials; ``optuna`` has it.
"""

from coursekit.studies.config import Config, change, diff
from coursekit.studies.preparing import encode_texts, pairs_of, tokens_of
from coursekit.studies.records import (
    provenance,
    read_record,
    record_names,
    record_table,
    write_record,
)

__all__ = [
    "Config",
    "change",
    "diff",
    "encode_texts",
    "pairs_of",
    "provenance",
    "read_record",
    "record_names",
    "record_table",
    "tokens_of",
    "write_record",
]
