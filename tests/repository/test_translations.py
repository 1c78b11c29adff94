"""A translated chapter says everything that the English one says today, and its code is the English code."""

import json
import re

import nbformat
import pytest

from coursegrader.notebooks import prose_digest
from tools.pairs import translated_notebook
from tools.project import ROOT, english_of, table_of_contents, toc_pages, translations
from tools.strings import replaced, shape, strings_of
from tools.translate import blocks, checksum, problems, sentences, table, to_translate, translated

PAGES = pytest.mark.parametrize("prose", translations(), ids=lambda path: f"{path.parent.name}/{path.stem}")


def english(prose):
    return nbformat.read(english_of(prose), as_version=4).cells


def text_of(prose):
    return prose.read_text(encoding="utf-8")


@PAGES
def test_nothing_is_stale_missing_or_left_over(prose):
    how = f"python -m tools.translate {prose.parent.name} {prose.stem}"
    assert problems(english(prose), text_of(prose)) == [], f"{how} prints the pieces with their new checksums"


@PAGES
def test_the_notebook_is_the_one_that_sync_writes(prose):
    assert text_of(prose.with_suffix(".ipynb")) == translated_notebook(prose), "run 'make sync'"


@PAGES
def test_code_is_the_english_code_but_for_what_strings_say(prose):
    ours, theirs = nbformat.read(prose.with_suffix(".ipynb"), as_version=4).cells, english(prose)
    kept_in_a_table = bool(table(theirs))
    for own, cell in zip(ours, theirs, strict=True):
        kept = {
            key: value for key, value in own.metadata.items() if value != {"prose": prose_digest(own.source)}
        }
        assert (own.cell_type, kept) == (cell.cell_type, cell.metadata)
        if cell.cell_type == "code" and own.source != cell.source:
            assert cell.metadata.get("tags") == ["strings", "hide-input"] or not kept_in_a_table
            assert shape(own.source) == shape(cell.source), cell.source
    assert table(ours).keys() == table(theirs).keys()


@PAGES
def test_values_in_sentences_and_marks_of_numbers_are_the_english_ones(prose):
    cells = english(prose)
    whole = to_translate(cells, "")
    texts = {digits: text for kind, digits, _, text in blocks(whole) if kind == "say"}
    for _, digits, key, text in (block for block in blocks(text_of(prose)) if block[0] == "say"):
        if key.startswith("show("):  # the code of a drawing, and what the picture says
            continue
        values = [sorted(re.findall(r"\{[^}]*\}", one)) for one in (texts.get(digits, ""), text)]
        assert values[0] == values[1], key
    marks = [re.findall(r"<!--r:[^>]*-->", text) for text in (text_of(prose), whole)]
    assert sorted(marks[0]) == sorted(marks[1])


@PAGES
def test_a_number_of_thousands_is_not_torn_at_the_end_of_a_line(prose):
    assert re.findall(r"\d \d{3}(?!\d)", text_of(prose)) == [], "write a no-break space (U+00A0)"


@PAGES
def test_each_page_leads_to_the_other(prose):
    language, name = prose.parent.name, prose.stem
    folder = english_of(prose).parent
    there = "" if folder.name == "book" else "../"
    assert f"]({there}{language}/{name}.ipynb)" in english(prose)[0].source
    first = nbformat.read(prose.with_suffix(".ipynb"), as_version=4).cells[0].source
    back = english_of(prose).relative_to(ROOT / "book").as_posix()
    assert f"](../{back})" in first and f"/blob/main/book/{language}/{name}.ipynb)" in first


def test_a_translation_stands_below_its_chapter_without_a_line_of_its_own():
    pages = toc_pages()
    for prose in translations():
        place = pages.index(english_of(prose).with_suffix("").relative_to(ROOT).as_posix())
        assert pages[place + 1] == f"book/{prose.parent.name}/{prose.stem}"
    for page in ("one_evening", "04_vanilla_rnn", "hw1_ag_news"):
        assert f"book/ru/{page}" in json.dumps(table_of_contents())
    assert "ru/" not in (ROOT / "_toc.yml").read_text(encoding="utf-8")


def test_one_paragraph_one_claim_and_one_label_are_named_and_nothing_else():
    prose = ROOT / "book" / "ru" / "one_evening.md"
    cells, text = english(prose), text_of(prose)
    paragraph = next(cell for cell in cells if cell.source.startswith("## 4."))
    paragraph.source = paragraph.source.replace("## 4.", "## 4. Or:")
    strings = next(cell for cell in cells if "strings" in cell.metadata.get("tags", []))
    for old, new in (
        ('"the two sentences are one bag', '"both sentences are one bag'),
        ('"mix"', '"mixture"'),
    ):
        strings.source = re.sub(re.escape(old) + r"(?!:)", new, strings.source, count=1)
    found = [problem.split(";")[0] for problem in problems(cells, text)]
    assert len(found) == 3, found
    assert found[0].startswith("stale: cell") and "## 4. Or:" in found[0]
    assert ["same bag" in found[1], "mix" in found[2]] == [True, True]
    assert all(problem.startswith("stale: say ") for problem in found[1:])


def test_in_a_chapter_without_a_table_a_claim_a_label_and_a_heading_are_named():
    prose = ROOT / "book" / "ru" / "04_vanilla_rnn.md"
    cells, text = english(prose), text_of(prose)
    for old, new in (
        ("## 4.5 Why tanh?", "## 4.5 Why tanh, then?"),
        (
            '"counts of words and word pairs stay within .05',
            '"counts of words and word pairs stay within .04',
        ),
        ('"length of the state"', '"size of the state"'),
    ):
        (cell,) = [cell for cell in cells if old in cell.source]
        cell.source = cell.source.replace(old, new)
    found = [problem.partition(";")[0] for problem in problems(cells, text)]
    assert [problem.split(",")[0].rpartition(" ")[0] for problem in found] == ["stale: cell"] + 3 * [
        "stale: say"
    ]
    named = ("4.5 Why tanh, then?", "within .04 of", "show(charts.curves", "size of the state")
    assert all(words in problem for words, problem in zip(named, found, strict=True)), found
    (cell,) = [cell for cell in translated(cells, text) if "charts.curves(sizes" in cell.source]
    assert "длина вектора состояния" in cell.source, "a stale text is better than an English one"


def test_a_string_is_replaced_wherever_it_stands_and_nothing_else_is():
    code = '''%%gpu "two words for IPython"
def size(x):
    """Two words in a docstring."""
    return x  # two words in a comment


sizes = {"both halves": 1, f"seed {3:.1f}": 2}
print(f"of {size(2)} in {sizes['both halves']}:\\n", sizes["both halves"])
show("bigram", xlabel="step", alt="A long line "
     f"over {len(sizes)} rows.")
'''
    found = list(strings_of(code))
    needed = [text for text, _, need in found if need]
    assert needed == [
        "both halves", "seed {3:.1f}", "of {size(2)} in {sizes['both halves']}:\n", "both halves", "step",
        "A long line over {len(sizes)} rows.",
    ]  # fmt: skip
    assert "bigram" in [text for text, *_ in found]
    others = {"step": "шаг", "seed {3:.1f}": "сид {3:.1f}", "bigram": "пара"}
    others |= {"A long line over {len(sizes)} rows.": "Строк {len(sizes)}. " + "Ещё " * 30}
    changed = replaced(code, others)
    assert shape(changed) == shape(code) and shape(code) != shape(code.replace("size(2)", "size(3)"))
    namespace = {"show": lambda *words, **more: namespace.update(seen=(words, more))}
    exec(changed.partition("\n")[2].replace("print(", "(lambda *_: None)("), namespace)
    assert namespace["sizes"] == {"both halves": 1, "сид 3.0": 2}
    assert namespace["seen"] == (("пара",), {"xlabel": "шаг", "alt": "Строк 2. " + "Ещё " * 30})
    assert "Two words in a docstring." in changed and "# two words in a comment" in changed
    with pytest.raises(SyntaxError):
        replaced(code, {"seed {3:.1f}": "сид {3:.1f"})


@pytest.mark.parametrize(
    "code",
    [
        'show(draw("two words", 3))',
        'show(\n    draw(\n        "two words", 3\n    ),\n)',
        "%%gpu x\nshow(draw('two words', 3),)",
    ],
)
def test_what_a_drawing_says_of_itself_gets_an_alt_text_in_its_place(code):
    call, string = [text for text, _, needed in strings_of(code) if needed]
    assert call.startswith("show(") and string == "two words"
    changed = replaced(code, {call: "Рисунок. " * 30, "two words": "два слова"})
    assert shape(changed) == shape(code)
    seen = {}
    names = {"show": lambda figure, alt: seen.update(alt=alt, figure=figure), "draw": lambda *given: given}
    exec(changed.replace("%%gpu x\n", ""), names)
    assert seen == {"alt": "Рисунок. " * 30, "figure": ("два слова", 3)}
    assert not any(text.startswith("show(") for text, *_ in strings_of(changed))


def test_a_word_is_translated_if_somebody_asks_and_ends_stay():
    cell = nbformat.v4.new_code_cell('print("two words:\\n", "bigram")')
    assert "bigram" not in to_translate([cell], "")
    prose = to_translate([cell], "").replace("\ntwo words:", "\nдва слова:")
    prose += f"\n<!-- say {checksum('bigram')}: bigram -->\nбиграмма\n"
    assert problems([cell], prose) == []
    (out,) = translated([cell], prose)
    assert out.source == 'print("два слова:\\n", "биграмма")'


def make(*texts, **say):
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    strings = nbformat.v4.new_code_cell(f"say = {say!r}", metadata={"tags": ["strings"]})
    return [*cells, strings]


def test_missing_and_left_over_pieces_are_named_and_stay_english():
    cells = make("One.", "Two.", a="A {n}")
    whole = to_translate(cells, "").replace("Two.\n", "Два.\n").replace("\nA {n}", "\nА {n}")
    assert problems(cells, whole) == [] and to_translate(cells, whole) == ""
    out = translated(cells, whole)
    assert [cell.source for cell in out[:2]] == ["One.", "Два."] and sentences(out) == {"a": "А {n}"}
    longer = make("One.", "Half.", "Two.", a="A {n}", b="B")
    assert [p.split(",")[0][:13] for p in problems(longer, whole)] == ["missing: cell", "missing: say "]
    assert [cell.source for cell in translated(longer, whole)[:3]] == ["One.", "Half.", "Два."]
    assert [p[:15] for p in problems(make("One."), whole)] == ["left over: cell", "left over: say "]
    assert len(blocks(whole)) == 3


def test_other_code_in_a_fold_is_named():
    cells = make("Do.\n\n```python\n1 + 1\n```")
    whole = to_translate(cells, "")
    assert problems(cells, whole) == []
    assert problems(cells, whole.replace("1 + 1", "1 + 2"))[0].startswith("other code: cell")
