"""Lesson: what a chapter calls besides the subject itself."""

from coursekit.lesson.claims import ClaimFailed, claim
from coursekit.lesson.gpu import register_gpu_magic
from coursekit.lesson.setup import Lesson, setup
from coursekit.lesson.shapes import check_shape
from coursekit.lesson.sources import source

__all__ = ["ClaimFailed", "Lesson", "check_shape", "claim", "register_gpu_magic", "setup", "source"]
