"""Room 9, studies: long runs, recorded once with their provenance, and read by the chapters.

Left out: sweeps; they come with the training chapters.
"""

from coursekit.studies.config import Config, change, diff
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
    "provenance",
    "read_record",
    "record_names",
    "record_table",
    "write_record",
]
