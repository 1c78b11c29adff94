"""A rare class: its share is kept, nothing is made up, and the stand-in says what it is."""

from hypothesis import assume, given
from hypothesis import strategies as st

import coursekit as ck
from coursekit.data import CATALOGUE, Split
from coursekit.data.rare import RARE_SHARE, rare_class, read_rare_news


def many(counts):
    labels = [label for label, n in enumerate(counts) for _ in range(n)]
    labels = labels[1::2] + labels[::2]  # mixed
    return Split(tuple(f"text {i}" for i in range(len(labels))), tuple(labels))


@given(
    counts=st.lists(st.integers(5, 60), min_size=2, max_size=5),
    share=st.floats(0.01, 0.5),
    seed=st.integers(0, 9),
)
def test_the_share_is_kept_to_the_nearest_text_and_order_stays(counts, share, seed):
    split = many(counts)
    others = len(split) - counts[1]
    wanted = round(others * share / (1 - share))
    assume(wanted <= counts[1])
    made = rare_class(split, 1, share, seed=seed)
    assert made.counts(2) == [others, wanted]
    assert abs(wanted - share * len(made)) <= 1
    label_of = dict(zip(split.texts, split.labels, strict=True))
    assert [label_of[text] == 1 for text in made.texts] == [bool(label) for label in made.labels]
    place = {text: i for i, text in enumerate(split.texts)}
    places = [place[text] for text in made.texts]
    assert places == sorted(places)


def test_a_seed_draws_the_same_texts_again_and_another_seed_others():
    split = many([80, 60, 40])
    first = rare_class(split, 1, 0.1, seed=3)
    assert rare_class(split, 1, 0.1, seed=3) == first != rare_class(split, 1, 0.1, seed=4)


def test_the_stand_in_for_tweets_says_that_it_is_news(capsys):
    corpus = ck.load("hate_tweets")
    (line,) = capsys.readouterr().out.splitlines()
    assert all(word in line for word in ("hate_tweets", "stand-in", "News", "rare", "no tweets"))
    assert (corpus.name, corpus.source.kind) == ("rare_news", "stand-in")
    assert "No tweet" in corpus.card and corpus.label_names == ("other", "sports")
    for split in (corpus.train, corpus.validation, corpus.test):
        assert abs(split.counts(2)[1] / len(split) - RARE_SHARE) < 0.005


def test_the_stand_in_is_always_the_same_and_its_parts_share_no_text():
    first, again = read_rare_news(), read_rare_news()
    assert first == again
    texts = [text for split in first.values() for text in split.texts]
    assert len(set(texts)) == len(texts)


def test_fewer_texts_keep_the_share():
    corpus = ck.load("hate_tweets", train=300, quiet=True)
    assert corpus.train.counts(2) == [279, 21]


def test_the_tweets_themselves_are_as_before():
    spec = CATALOGUE["hate_tweets"]
    assert spec.label_names == ("other", "hate") and spec.rows == {"train": 31_962} and spec.deduplicate
