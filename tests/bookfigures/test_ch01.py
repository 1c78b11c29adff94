"""The figures of chapter 1: every token has a box, words that give the label away have names, scores have intervals."""

from bookfigures import ch01

FIGURES = {
    "steps": lambda: ch01.step_rows({"raw": ["Не", "люблю)"], "words": ["не_люблю"], "stop words": []}),
    "shares": lambda: ch01.label_shares(
        {"before": [("d", 90, 0.99), ("я", 500, 0.5), ("жаль", 60, 0.02)], "after": [("я", 500, 0.5)]}
    ),
    "costs": lambda: ch01.step_costs({"split": (30_000, 60, 100), "words": (20_000, 66, 100)}, chance=0.5),
}


def test_every_token_has_a_box_and_an_empty_row_says_so():
    (axis,) = FIGURES["steps"]().axes
    written = [text.get_text() for text in axis.texts]
    assert {"Не", "люблю)", "не_люблю", "nothing left", "raw", "words", "stop words"} == set(written)
    assert len(axis.patches) == 3


def test_only_words_that_give_the_label_away_are_named():
    before, after = FIGURES["shares"]().axes
    assert {text.get_text() for text in before.texts} == {"“d”", "“жаль”"}
    assert not after.texts


def test_scores_carry_their_intervals():
    _, right = FIGURES["costs"]().axes
    assert {"0.600", "0.660"} == {text.get_text() for text in right.texts}
    low, high = right.lines[2].get_xdata()
    assert low < 0.66 < high
