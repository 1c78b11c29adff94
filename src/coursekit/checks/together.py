"""run_all: the checks that need only an untrained model and its corpus, in one table."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from coursekit.batching import TextConfig, make_loader, prepare, tokens_of
from coursekit.checks import models, texts
from coursekit.checks.findings import Finding
from coursekit.data import Corpus


def run_all(model: nn.Module, corpus: Corpus, config: TextConfig | None = None) -> list[Finding]:
    """Check a model before its training, and the texts it will read; print one table.

    The configuration says how texts become ids; that of the model (``model.config``), if left out. A check that could
    not run has not passed.
    """
    config = config or getattr(model, "config", None)
    if config is None:
        raise ValueError("'config' must say how texts become ids: the model has none of its own.")
    data, n_classes = prepare(corpus, config), len(corpus.label_names)
    loader = make_loader(data.train, 32, seed=0)
    words = [tokens_of(text, config) for text in corpus.train.texts]
    asked: dict[Callable, tuple] = {
        texts.label_balance: (corpus.train.labels, n_classes),
        texts.label_symbols: (words, corpus.train.labels),
        texts.shared_texts: (corpus,),
        texts.readable: (data.train.id_lists,),
        models.first_loss: (model, loader, n_classes),
        models.gradients: (model, loader),
        models.padding_law: (model, loader),
        models.order_sensitivity: (model, loader),
        models.overfits_one_batch: (model, loader),
    }
    if any(isinstance(m, nn.RNNBase) and m.bidirectional for m in model.modules()):
        asked[models.both_directions] = (model, loader)
    findings = [_ask(check, arguments) for check, arguments in asked.items()]
    print(table(findings))
    return findings


def table(findings: list[Finding]) -> str:
    """Return findings as lines, with the cause and the chapter below each one that did not pass, and count them."""
    passed = sum(map(bool, findings))
    return "\n".join([*map(repr, findings), f"{passed} of {len(findings)} checks passed"])


def _ask(check: Callable[..., Finding], arguments: tuple) -> Finding:
    """Run a check; one that cannot run on this model becomes a row that did not pass."""
    try:
        return check(*arguments)
    except (TypeError, ValueError, ArithmeticError) as error:
        return Finding(check.__name__, False, f"could not run: {error}", "what the line above says", 0)
