"""The proof page shows prose and outputs in order, and figures by their alt text."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.project import chapter_notebooks
from tools.proof import main, proof_page, runs_of

NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("The loss falls."),
        new_code_cell(
            "show(curve)",
            outputs=[
                new_output("stream", text="\x1b[31m✓\x1b[0m it fell\n"),
                new_output(
                    "display_data", data={"text/html": "<img src='x' alt=\"A curve that rises &amp; rises\">"}
                ),
                new_output("error", ename="ValueError", evalue="no", traceback=[]),
            ],
        ),
        new_markdown_cell("So it fell."),
    ]
)


def test_prose_and_outputs_stand_in_order_with_alt_texts():
    lines = [line for line in proof_page(NOTEBOOK, "T").splitlines() if line]
    assert lines == [
        "T",
        "=",
        "The loss falls.",
        "> show(curve)",
        "| ✓ it fell",
        "| [figure] A curve that rises & rises",
        "| [error] ValueError: no",
        "So it fell.",
    ]
    assert nbformat.validate(NOTEBOOK) is None


def test_without_a_mirror_three_runs_with_one_four(tmp_path):
    chapter = chapter_notebooks()[0]
    assert len(runs_of(chapter, None)) == 3
    real = runs_of(chapter, tmp_path)["real data, seed 0"]
    assert real.environment["COURSEKIT_DATA"] == str(tmp_path)


def test_an_unknown_chapter_is_named(capsys):
    assert main(["99"]) == 2
    assert "'99'" in capsys.readouterr().err
