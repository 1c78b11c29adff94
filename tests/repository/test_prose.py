"""The pages name only what exists, and every fence is closed."""

import re

import pytest

from coursekit.cli.main import make_parser
from tools.marks import prose_files, prose_of
from tools.project import GENERATED_PAGES, ROOT

FILES = pytest.mark.parametrize("path", prose_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
DIRECTIVE = re.compile(r"^\s*(:::|```)\{|\{(ref|doc|cite|numref|glue)[:}]", re.MULTILINE)


def make_targets():
    return set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def commands(parser=None, prefix=()):
    """Every command line of coursekit, as tuples of words."""
    parser = parser or make_parser()
    found = {prefix} if prefix else set()
    for action in parser._subparsers._group_actions if parser._subparsers else []:
        for name, sub in action.choices.items():
            found |= commands(sub, (*prefix, name))
    return found


def code_in(text):
    return re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)


def open_fences(text):
    """Count fences that nothing closes."""
    opened = None
    for line in text.splitlines():
        match = re.match(r"\s*(`{3,}|~{3,})(.*)$", line)
        if match and opened is None:
            opened = match[1]
        elif match and match[1].startswith(opened) and not match[2].strip():
            opened = None
    return int(opened is not None)


@FILES
def test_every_fence_and_fold_is_closed(path):
    text = prose_of(path)
    assert open_fences(text) == 0
    assert text.count("<details>") == text.count("</details>")


@FILES
def test_make_targets_and_commands_exist(path):
    code = "\n".join(code_in(prose_of(path)))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) <= make_targets()
    known = commands()
    for words in re.findall(r"\bcoursekit ((?:[a-z]+ ?)+)", code):
        first = words.split()
        assert (first[0],) in known, f"coursekit {first[0]}"
        subs = {command for command in known if len(command) == 2 and command[0] == first[0]}
        assert not subs or len(first) < 2 or tuple(first[:2]) in subs, f"coursekit {words}"


@pytest.mark.parametrize("path", [p for p in prose_files() if p.parent == ROOT], ids=lambda path: path.name)
def test_links_from_the_top_folder_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)", prose_of(path))
    generated = {f"{page}.md" for page in GENERATED_PAGES}
    local = [link for link in links if "://" not in link and link not in generated]
    assert [link for link in local if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "path", [p for p in prose_files() if p.suffix == ".ipynb"], ids=lambda path: path.stem
)
def test_notebooks_show_nothing_that_colab_shows_raw(path):
    assert not DIRECTIVE.search(prose_of(path))


def test_the_checks_see_what_they_are_for():
    assert open_fences("```python\n1\n```\n\n```\n") == 1 and open_fences("```\n1\n```") == 0
    assert {"book", "test", "test-real"} <= make_targets()
    assert ("data", "fetch") in commands() and ("doctor",) in commands()
    assert DIRECTIVE.search("see {ref}`x`") and DIRECTIVE.search("```{note}\n")


@FILES
def test_no_line_begins_with_a_mark(path):
    """A comment at the start of a line ends the paragraph in HTML: the formulae behind it would stay dollars."""
    assert not re.search(r"^[ >]*<!--r:", prose_of(path), re.MULTILINE)
