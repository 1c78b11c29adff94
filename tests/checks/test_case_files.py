"""Every run that lied is caught, and its mended twin passes: 22 of 22, printed as a table."""

import pytest
import torch

import coursekit as ck
from bookfigures import case_models as models
from bookfigures import case_texts as cases
from coursekit import checks
from coursekit.text import glue_negation, remove_emoticons

REVIEWS = ck.load("reviews", train=200, quiet=True)
CONFIG = ck.Config(cell="lstm", embedding_dim=16, hidden_size=16, min_count=1, dropout=0.0)
DATA = ck.prepare(REVIEWS, CONFIG)
BATCH = next(iter(ck.make_loader(DATA.train, 32, pool=1)))
V = len(DATA.encoder.vocabulary)
SMILEYS = ["ура :D", "жаль :(", "сдала :D", "опять :("] * 10
MOODS = [1, 0, 1, 0] * 10
RUSSIAN = ["я не люблю утро", "ясное небо"]
LOSSES = [{"validation_loss": loss} for loss in (0.296, 0.301, 0.33, 0.37, 0.406)]


def mended(**changed):
    torch.manual_seed(0)
    return ck.TextClassifier(ck.training.change(CONFIG, **changed), **DATA.sizes)


def broken(kind, **how):
    torch.manual_seed(0)
    return kind(V, **how)


def train(num_epochs):
    """Case 7, mended: the loop counts to its own argument, and each epoch leaves its loss."""
    config = ck.training.change(CONFIG, epochs=num_epochs, schedule="constant")
    history = ck.fit(mended(), DATA.train, DATA.validation, config, seed=0, progress=False)
    return [record.train_loss for record in history.epochs]


def steps_of(mode="max", patience=1):
    """Case 8, mended: the score is read as a score, and patience fits the run."""
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=5e-4), mode, patience=patience
    )
    rates = []
    for score in (0.5, 0.6, 0.6, 0.6, 0.6):
        schedule.step(score)
        rates.append({"learning_rate": schedule.get_last_lr()[0]})
    return rates


def count(batches):
    right = sum(int((logits.argmax(1) == labels).sum()) for logits, labels in batches)
    return right / sum(len(labels) for _, labels in batches)


def rates(values):
    return [{"learning_rate": value} for value in values]


def tokens(clean, texts):
    return [ck.tokenise(clean(text)) for text in texts]


def two_layers(dropout):
    torch.manual_seed(0)
    return torch.nn.LSTM(4, 4, num_layers=2, dropout=dropout)(torch.ones(3, 1, 4))[0].detach()


LADDER = cases.ladder_rows()
DOUBLE = [cases.encode_twice(text, DATA.encoder.vocabulary) for text in REVIEWS.test.texts[:50]]

# case: (the checks that must catch it, the same checks on what is mended)
FILES = {
    1: (
        [
            lambda: checks.label_balance(cases.labels_of([1, 2, 2, 1]), 2),
            lambda: checks.accuracy_fits_loss(cases.DRIFT, 2, loss="test_loss", accuracy="test_accuracy"),
            lambda: checks.gap_varies(cases.DRIFT, "test_accuracy", "train_accuracy"),
            lambda: checks.rate_acts(cases.DRIFT),
        ],
        [lambda: checks.label_balance([0, 1, 1, 0], 2)],
    ),
    2: (
        [lambda: checks.first_loss(broken(models.StepsAsClasses), BATCH, 2)],
        [lambda: checks.first_loss(mended(), BATCH, 2)],
    ),
    3: (
        [lambda: checks.glued_words(cases.glue_negation_backwards, RUSSIAN)],
        [lambda: checks.glued_words(lambda text: " ".join(glue_negation(text.split())), RUSSIAN)],
    ),
    4: (
        [lambda: checks.gradients(broken(models.TwoStates), BATCH)],
        [lambda: checks.gradients(mended(num_layers=2, pooling="last"), BATCH)],
    ),
    5: (
        [
            lambda: checks.best_epoch(
                LOSSES, cases.epochs_saved([r["validation_loss"] for r in LOSSES])[-1], "validation_loss"
            )
        ],
        [lambda: checks.best_epoch(LOSSES, 1, "validation_loss")],
    ),
    6: ([lambda: checks.readable(DOUBLE)], [lambda: checks.readable(DATA.test.id_lists[:50])]),
    7: (
        [
            lambda: checks.argument_matters(
                lambda num_epochs: models.train_by_global(mended(), [BATCH], num_epochs), "num_epochs", 5, 10
            )
        ],
        [lambda: checks.argument_matters(train, "num_epochs", 1, 2)],
    ),
    8: (
        [
            lambda: checks.rate_acts(rates(models.rates_of(5))),
            lambda: checks.rate_acts(rates(models.rates_of(200))),
        ],
        [lambda: checks.rate_acts(steps_of())],
    ),
    9: (
        [lambda: checks.one_change(LADDER[1][1], LADDER[2][1])],
        [lambda: checks.one_change(LADDER[8][1], LADDER[9][1], {"cell": "lstm"})],
    ),
    10: (
        [
            lambda: checks.loss_sees_classes(models.loss_without_pad(2), 4),
            lambda: checks.stable_across_processes(cases.words_by_set, ["one two three", "four five"]),
        ],
        [
            lambda: checks.loss_sees_classes(torch.nn.CrossEntropyLoss(), 4),
            lambda: checks.stable_across_processes(ck.Vocabulary.build, [["one", "two", "three"], ["four"]]),
        ],
    ),
    11: (
        [lambda: checks.padding_law(broken(models.MeanOverPads), BATCH)],
        [lambda: checks.padding_law(mended(pooling="mean"), BATCH)],
    ),
    12: (
        [lambda: checks.both_directions(broken(models.HalfBidirectional), BATCH)],
        [lambda: checks.both_directions(mended(bidirectional=True, pooling="last"), BATCH)],
    ),
    13: (
        [lambda: checks.chosen_without_test(cases.TEN_LOOKS, 0.9066)],
        [lambda: checks.chosen_without_test(cases.TEN_LOOKS[-1:], 0.9052)],
    ),
    14: (
        [
            lambda: checks.possible_score(".8801587", 10_000),
            lambda: checks.score_counts(models.mean_of_batches),
        ],
        [lambda: checks.score_counts(count), lambda: checks.possible_score("0.8802", 10_000)],
    ),
    15: (
        [
            lambda: checks.prefers_smallest(
                cases.accuracy_per_parameter, [0.85, 0.88, 0.86], [9_000, 98_131, 400_000]
            )
        ],
        [
            lambda: checks.prefers_smallest(
                lambda score, size: score, [0.85, 0.88, 0.86], [9_000, 98_131, 400_000]
            )
        ],
    ),
    16: (
        [lambda: checks.label_symbols(tokens(cases.without_punctuation, SMILEYS), MOODS)],
        [lambda: checks.label_symbols(tokens(remove_emoticons, SMILEYS), MOODS)],
    ),
    17: (
        [lambda: checks.report_numbers(cases.TYPED, cases.PLOT)],
        [lambda: checks.report_numbers(cases.TYPED.replace("90.16", "91.16"), cases.PLOT)],
    ),
    18: (
        [
            lambda: checks.argument_matters(models.one_layer, "dropout", 0.0, 0.3),
        ],
        [lambda: checks.argument_matters(two_layers, "dropout", 0.0, 0.3)],
    ),
    19: (
        [lambda: checks.readable(tokens(cases.without_smileys, [":)", "ура"]))],
        [lambda: checks.readable(ck.encode([":)", "ура"], DATA.encoder.vocabulary), most=1.0)],
    ),
    20: (
        [lambda: checks.gradients(broken(models.UnusedGRU), BATCH)],
        [lambda: checks.gradients(broken(models.UnusedGRU, stacked=False), BATCH)],
    ),
    21: (
        [lambda: checks.one_change(**cases.CREDIT)],
        [
            lambda: checks.one_change(
                {"cell": "gru", "dropout": 0.2}, {"cell": "lstm", "dropout": 0.2}, {"cell": "lstm"}
            )
        ],
    ),
    22: (
        [
            lambda: checks.score_counts(models.broadcast_accuracy),
            lambda: checks.possible_score(1.7, 100),
        ],
        [lambda: checks.score_counts(count)],
    ),
}


@pytest.mark.filterwarnings("ignore:dropout option adds dropout")  # case 18 does nothing but warn
def test_every_case_is_caught_and_no_mended_one(capsys):
    lines, missed, false_alarms = [], [], []
    for number, what, kind, names, _ in cases.CASES:
        findings = [check() for check in FILES[number][0]]
        alarms = [finding for check in FILES[number][1] if not (finding := check())]
        caught = not any(findings) and [f.check for f in findings] == list(names)
        lines.append(f"{number:2} {'✓' if caught else '✗'} {kind:14} {what:45} {', '.join(names)}")
        missed += [(number, findings)] * (not caught)
        false_alarms += [(number, alarm) for alarm in alarms]
    with capsys.disabled():
        n = len(lines)
        print("", *lines, f"{n - len(missed)} of {n} caught, {len(false_alarms)} false alarms", sep="\n")
    assert [number for number, *_ in cases.CASES] == list(range(1, 23))
    assert missed == [] and false_alarms == []


@pytest.mark.filterwarnings("ignore:dropout option adds dropout")
def test_every_failure_names_symptom_cause_and_chapter():
    for wrong, _ in FILES.values():
        for finding in (check() for check in wrong):
            assert finding.seen and finding.cause and 0 <= finding.chapter <= 10
            assert f"Likely cause: {finding.cause}. See chapter {finding.chapter}." in repr(finding)


def test_every_kind_has_several_cases():
    kinds = {kind for _, _, kind, _, _ in cases.CASES}
    for kind in kinds:
        assert sum(k == kind for _, _, k, _, _ in cases.CASES) > 1, kind
