"""A translated chapter says everything that the English one says today, and its code is the English code."""

import json
import re

import nbformat
import pytest

from tools.pairs import translated_notebook
from tools.project import ROOT, table_of_contents, toc_pages, translations
from tools.translate import blocks, problems, sentences, to_translate, translated

PAGES = pytest.mark.parametrize("prose", translations(), ids=lambda path: f"{path.parent.name}/{path.stem}")


def english(prose):
    return nbformat.read(ROOT / "book" / f"{prose.stem}.ipynb", as_version=4).cells


def text_of(prose):
    return prose.read_text(encoding="utf-8")


@PAGES
def test_nothing_is_stale_missing_or_left_over(prose):
    assert problems(english(prose), text_of(prose)) == [], f"python -m tools.translate {prose.parent.name} …"


@PAGES
def test_the_notebook_is_the_one_that_sync_writes(prose):
    script = text_of(ROOT / "book" / f"{prose.stem}.py")
    assert text_of(prose.with_suffix(".ipynb")) == translated_notebook(prose, script), "run 'make sync'"


@PAGES
def test_code_is_the_english_code_but_for_the_table_of_sentences(prose):
    ours, theirs = nbformat.read(prose.with_suffix(".ipynb"), as_version=4).cells, english(prose)
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.cell_type == "code"]
    changed = [a.metadata.get("tags") for a, b in pairs if a.source != b.source]
    assert changed == [["strings", "hide-input"]]
    assert sentences(ours).keys() == sentences(theirs).keys()


@PAGES
def test_values_in_sentences_and_marks_of_numbers_are_the_english_ones(prose):
    ours, theirs = nbformat.read(prose.with_suffix(".ipynb"), as_version=4).cells, english(prose)
    for key, sentence in sentences(theirs).items():
        values = [sorted(re.findall(r"\{[^}]*\}", text)) for text in (sentence, sentences(ours)[key])]
        assert values[0] == values[1], key
    marks = [
        re.findall(r"<!--r:[^>]*-->", " ".join(cell.source for cell in cells)) for cells in (ours, theirs)
    ]
    assert sorted(marks[0]) == sorted(marks[1])


@PAGES
def test_each_page_leads_to_the_other(prose):
    language, name = prose.parent.name, prose.stem
    assert f"]({language}/{name}.ipynb)" in english(prose)[0].source
    first = nbformat.read(prose.with_suffix(".ipynb"), as_version=4).cells[0].source
    assert f"](../{name}.ipynb)" in first and f"/blob/main/book/{language}/{name}.ipynb)" in first


def test_a_translation_stands_below_its_chapter_without_a_line_of_its_own():
    pages = toc_pages()
    for prose in translations():
        place = pages.index(f"book/{prose.stem}")
        assert pages[place + 1] == f"book/{prose.parent.name}/{prose.stem}"
    assert "book/ru/one_evening" in json.dumps(table_of_contents())
    assert "ru/" not in (ROOT / "_toc.yml").read_text(encoding="utf-8")


def test_one_paragraph_one_claim_and_one_label_are_named_and_nothing_else():
    prose = ROOT / "book" / "ru" / "one_evening.md"
    cells, text = english(prose), text_of(prose)
    paragraph = next(cell for cell in cells if cell.source.startswith("## 4."))
    paragraph.source = paragraph.source.replace("## 4.", "## 4. Or:")
    table = next(cell for cell in cells if "strings" in cell.metadata.get("tags", []))
    for old, new in (
        ('"the two sentences are one bag', '"both sentences are one bag'),
        ('"mix"', '"mixture"'),
    ):
        table.source = re.sub(re.escape(old) + r"(?!:)", new, table.source, count=1)
    found = [problem.split(";")[0] for problem in problems(cells, text)]
    assert len(found) == 3, found
    assert found[0].startswith("stale: cell") and "## 4. Or:" in found[0]
    assert found[1:] == ["stale: say 'same bag'", "stale: say 'mix'"]


def make(*texts, **say):
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    table = nbformat.v4.new_code_cell(f"say = {say!r}", metadata={"tags": ["strings"]})
    return [*cells, table]


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
