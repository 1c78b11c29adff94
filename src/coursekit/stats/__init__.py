"""Room 8, stats: scores of a classifier, and how sure they are.

Left out: what ``scipy.stats`` and ``statsmodels`` already offer.
"""

from coursekit.stats.intervals import wilson
from coursekit.stats.scores import accuracy, confusion_matrix, f1, macro_f1, precision, recall

__all__ = ["accuracy", "confusion_matrix", "f1", "macro_f1", "precision", "recall", "wilson"]
