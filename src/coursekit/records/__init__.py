"""Records: recorded studies, read only: ``read_record(name).arm(arm).scores``."""

from coursekit.records.reading import (
    ArmRuns,
    Record,
    check_record,
    read_json,
    read_record,
    record_names,
    results_dir,
)
from coursekit.records.tables import record_table

__all__ = [
    "ArmRuns", "Record", "check_record", "read_json", "read_record", "record_names", "record_table",
    "results_dir",
]  # fmt: skip
