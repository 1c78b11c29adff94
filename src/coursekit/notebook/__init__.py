"""Room 12, notebook: what a chapter calls besides the subject itself.

Left out: widgets; a chapter must read the same on paper.
"""

from coursekit.notebook.claims import ClaimFailed, claim
from coursekit.notebook.gpu import register_gpu_magic
from coursekit.notebook.lesson import Lesson, setup
from coursekit.notebook.shapes import check_shape
from coursekit.notebook.sources import source

__all__ = ["ClaimFailed", "Lesson", "check_shape", "claim", "register_gpu_magic", "setup", "source"]
