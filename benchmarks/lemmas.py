"""Words per second of lemmatising running Russian text, with and without memory: ``python -m benchmarks.lemmas``.

On the same words: every word analysed anew, the first pass with a memory, and the passes after it. Then texts that the
memory has not met, from the test part: their new words must be analysed. The text is RuTweetCorp where a campus mirror
has it, else the course's messages, several times over.

Left out: other analysers, and reading the text; the words are cut before the clock starts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from coursekit.data import Split, load
from coursekit.text import tokenise
from coursekit.text.emoticons import remove_emoticons
from coursekit.text.morphology import Lemmatiser, normal_form
from coursestudies.writing import provenance, write_record

TARGET = 100_000  # words per second after one pass


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rounded(words: int, seconds: float) -> int:
    """Return words per second with two significant digits; the machine's mood changes the third."""
    return int(float(f"{words / seconds:.2g}"))


def running_words(split: Split) -> list[str]:
    """Return the words of a part, text after text, without emoticons."""
    return [word for text in split.texts for word in tokenise(remove_emoticons(text))]


def measure(words: list[str], new_text: list[str], uncached_words: int, repeats: int) -> dict[str, Any]:
    """Time the ways of lemmatising.

    Parameters
    ----------
    words : list of str
        Running text.
    new_text : list of str
        Running text that the memory meets after it.
    uncached_words : int
        How many of them are analysed anew each time; it is slow.
    repeats : int
        Passes after the first; the median counts.
    """
    normal_form("слово")  # the analyser reads its dictionary before the clock starts
    part = words[:uncached_words]
    uncached = seconds_of(lambda: [normal_form(word) for word in part])
    lemmatiser = Lemmatiser()
    first = seconds_of(lambda: lemmatiser.lemmas(words))
    distinct = lemmatiser.misses
    later = [seconds_of(lambda: lemmatiser.lemmas(words)) for _ in range(repeats)]
    new = seconds_of(lambda: lemmatiser.lemmas(new_text))
    new_words = lemmatiser.misses - distinct
    if lemmatiser.lemmas(part) != [normal_form(word) for word in part]:
        raise AssertionError("the lemmas from memory must equal those analysed anew; they differ.")
    return {
        "words": len(words),
        "distinct_words": distinct,
        "repeated_share": 1 - distinct / len(words),
        "uncached_words_per_second": rounded(len(part), uncached),
        "first_pass_words_per_second": rounded(len(words), first),
        "words_per_second": rounded(len(words), statistics.median(later)),
        "new_text_words": len(new_text),
        "new_text_distinct_new_words": new_words,
        "new_text_words_per_second": rounded(len(new_text), new),
        "target_words_per_second": TARGET,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison, print it, and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=300_000, help="running words at least")
    parser.add_argument("--uncached", type=int, default=50_000, help="words analysed anew each time")
    parser.add_argument("--repeats", type=int, default=5, help="passes after the first")
    parser.add_argument("--out", metavar="DIR", help="folder for the record (default: data/results)")
    asked = parser.parse_args(arguments)
    start = time.perf_counter()
    corpus = load("ru_tweets")
    words = running_words(corpus.train)
    rounds = -(-asked.words // len(words))
    summary = measure(words * rounds, running_words(corpus.test), asked.uncached, asked.repeats)
    summary = {"rounds_of_the_text": rounds, **summary}
    record = {
        "name": "bench-lemmas",
        "what": "Lemmatising running Russian text with pymorphy3, with and without a memory for words.",
        "provenance": provenance(
            command="python -m benchmarks.lemmas",
            seeds=[],
            corpus=corpus,
            seconds=time.perf_counter() - start,
        ),
        "summary": summary,
        "runs": [],
    }
    for name, value in summary.items():
        print(f"{name:32} {value:,.4g}" if isinstance(value, float) else f"{name:32} {value:,}")
    print(f"written: {write_record(record, asked.out).name}")
    return 0 if summary["words_per_second"] >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
