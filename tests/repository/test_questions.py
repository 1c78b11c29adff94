"""Every chapter ends with questions; their folded answers say of each option why it is right or wrong."""

import re

import jupytext
import pytest

from tools import core_path

FEWEST, MOST, WITH_OPTIONS = 3, 6, 2
# What the published coursework asks, and the words by which its place is found.
PUBLISHED = {
    "03": ["embedding are never negative"],
    "04": ["recurrent layer for"],
    "05": ["hinders a vanilla RNN in learning", "Gradient clipping cures vanishing gradients"],
    "06": ["What does the LSTM mend", "weighted mean of old and new"],
    "07": ["What does the GRU solve", "Which is more accurate, LSTM or GRU"],
    "13": [
        "one head of self-attention compute",
        "the cosine similarity of its query and each key",
        "normalised once more",
        "BERT and GPT are both decoders",
        "encoder of a transformer learns by guessing the next word",
        "guessing hidden words and whether one sentence follows",
        "both zero-shot learners",
    ],
}
_SECTION = re.compile(r"^## Check yourself\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"^\*\*(\d+)\.\*\* ", re.MULTILINE)
_FOLD = re.compile(r"<details><summary>(Answer|Discussion)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)


def letters(text):
    """The letters of all options that a text names."""
    return set(re.findall(r"\(([a-e])\)", text))


def faults(prose):
    """What is wrong with the questions of a chapter, a sentence for each fault."""
    (section,) = _SECTION.findall(prose) or [""]
    _, *parts = _QUESTION.split(section)
    numbers, questions = parts[::2], parts[1::2]
    found = []
    if not FEWEST <= len(questions) <= MOST or numbers != [str(n + 1) for n in range(len(questions))]:
        found.append(f"{FEWEST} to {MOST} questions, numbered from 1, got {numbers}")
    lettered = 0
    for number, question in zip(numbers, questions, strict=True):
        folds = _FOLD.findall(question)
        if len(folds) != 1:
            found.append(f"question {number} has {len(folds)} folded answers, wanted 1")
            continue
        ((_, answer),) = folds
        options = letters(question.partition("<details>")[0])
        lettered += len(options) >= 3
        if options - letters(answer):
            found.append(f"question {number}: no word on {sorted(options - letters(answer))}")
        if options and not re.match(r"\([a-e]\)", answer):
            found.append(f"question {number}: the answer does not begin with the right option")
    if lettered < WITH_OPTIONS:
        found.append(f"{lettered} questions with three options or more, wanted {WITH_OPTIONS}")
    return found


def prose_of(chapter):
    cells = jupytext.read(chapter.with_suffix(".py")).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


CHAPTERS = pytest.mark.parametrize("chapter", core_path.numbered_chapters(), ids=lambda path: path.stem)


@CHAPTERS
def test_a_chapter_asks_and_answers(chapter):
    assert faults(prose_of(chapter)) == []


@CHAPTERS
def test_what_was_published_is_asked(chapter):
    (section,) = _SECTION.findall(prose_of(chapter))
    section = " ".join(section.split())
    assert [words for words in PUBLISHED.get(chapter.stem[:2], []) if words not in section] == []


def test_a_missing_question_option_or_reason_is_seen():
    asked = "**{}.** Which? (a) This. (b) That. (c) None.\n\n<details><summary>Answer</summary>\n\n"
    answer = "(b): it is. Not (a): no. Not (c): no.\n\n</details>\n\n"
    three = "## Check yourself\n\n" + "".join(asked.format(n) + answer for n in (1, 2, 3))
    assert faults(three) == []
    assert faults(three.partition("**3.**")[0]) and faults(three.replace("**2.**", "2."))
    assert faults(three.replace("Not (c): no.", "", 1)) and faults(
        three.replace("(b): it is.", "Yes (b).", 1)
    )
    assert faults(three.replace(answer, "", 1)) and faults("## Exercises\n")
    without = three.replace(" (a) This. (b) That. (c) None.", "", 2)
    assert faults(without) == [f"1 questions with three options or more, wanted {WITH_OPTIONS}"]
