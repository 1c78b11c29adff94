"""Checks: small questions to a model, its texts, its training code, its log and its report.

Each catches a family of the runs that lied in chapter 11. What cannot be checked (an empty loader, one class only, NaN logits,
another signature) raises an error and never passes.
"""

from coursekit.checks.findings import Finding
from coursekit.checks.models import (
    both_directions,
    first_loss,
    gradients,
    order_sensitivity,
    overfits_one_batch,
    padding_law,
)
from coursekit.checks.reports import (
    chosen_without_test,
    one_change,
    possible_score,
    prefers_smallest,
    report_numbers,
)
from coursekit.checks.runs import (
    accuracy_fits_loss,
    argument_matters,
    best_epoch,
    gap_varies,
    loss_sees_classes,
    rate_acts,
    score_counts,
)
from coursekit.checks.texts import (
    answers_vary,
    glued_words,
    label_balance,
    label_symbols,
    readable,
    shared_texts,
    stable_across_processes,
)
from coursekit.checks.together import run_all

__all__ = [
    "Finding", "accuracy_fits_loss", "answers_vary", "argument_matters", "best_epoch", "both_directions",
    "chosen_without_test", "first_loss", "gap_varies", "glued_words", "gradients", "label_balance", "label_symbols",
    "loss_sees_classes", "one_change", "order_sensitivity", "overfits_one_batch", "padding_law", "possible_score",
    "prefers_smallest", "rate_acts", "readable", "report_numbers", "run_all", "score_counts",
    "shared_texts", "stable_across_processes",
]  # fmt: skip
