"""Room 8, stats: how sure a measured share is.

Left out: what ``scipy.stats`` and ``statsmodels`` already offer.
"""

from coursekit.stats.intervals import wilson

__all__ = ["wilson"]
