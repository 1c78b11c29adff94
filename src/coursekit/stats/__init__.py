"""Stats: scores of a classifier, and how sure they are.

Left out: what ``scipy.stats`` and ``statsmodels`` already offer.
"""

from coursekit.stats.comparisons import Paired, mcnemar, paired_seeds, texts_needed
from coursekit.stats.costs import pareto_front
from coursekit.stats.intervals import wilson
from coursekit.stats.resampling import bootstrap, paired_bootstrap
from coursekit.stats.scores import accuracy, confusion_matrix, f1, macro_f1, precision, recall
from coursekit.stats.thresholds import best_threshold, precision_recall

__all__ = [
    "Paired", "accuracy", "best_threshold", "bootstrap", "confusion_matrix", "f1", "macro_f1", "mcnemar",
    "paired_bootstrap", "paired_seeds", "pareto_front", "precision", "precision_recall", "recall",
    "texts_needed", "wilson",
]  # fmt: skip
