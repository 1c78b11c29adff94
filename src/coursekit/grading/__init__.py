"""Room 14, grading: release homework, run what comes back in a sandbox, score it, report.

Left out: a database and a web server; the files in a folder are the state.
"""

from coursekit.grading.sandbox import Ended, Limits, backend, run

__all__ = ["Ended", "Limits", "backend", "run"]
