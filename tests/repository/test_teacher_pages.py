"""The teacher pages show what the commands really print, and name everything that a rubric can hold."""

import json
import math
import re
import subprocess
import sys
from statistics import NormalDist

import pytest
import yaml

from coursegrader import sandbox
from coursegrader.definition import ROLES, homework_names, load_homework
from coursegrader.grades import MODES
from coursegrader.kinds import KINDS
from coursegrader.kinds.accuracy import thresholds_in_texts
from coursegrader.release import notebook_of, solution_lines
from coursekit.cli.main import main, make_parser
from coursekit.stats import wilson
from tools.marks import record_value
from tools.project import ROOT

FOLDER = ROOT / "book" / "teachers"
PAGES = sorted(FOLDER.glob("*.md"))
SHOWN = re.compile(r"```console\n\$ coursekit (?P<command>.*)\n(?P<output>(?:.*\n)*?)```")
RUN = """\
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open("hw9.ipynb"))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell(cell["source"]).raise_error()
"""


def text_of(page):
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def shown(page, part):
    """The commands of a page that hold some words, with what each is said to print."""
    found = {match["command"]: match["output"] for match in SHOWN.finditer(text_of(page))}
    return {command: output for command, output in found.items() if part in command}


def printed(capsys, command, wanted=0):
    """What a command prints, errors included."""
    try:
        code = main(command.split())
    except SystemExit as stopped:  # of --help
        code = stopped.code
    said = capsys.readouterr()
    assert code == wanted, said.err
    return said.out + "".join(
        line for line in said.err.splitlines(keepends=True) if line.startswith("coursekit:")
    )


@pytest.fixture
def sources(monkeypatch, tmp_path):
    """The homework sources, seen from an empty folder."""
    if not (ROOT / "solutions").is_dir():
        pytest.skip("this copy has no homework sources")
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(ROOT / "solutions"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_release_prints_what_the_page_shows(capsys, sources):
    commands = shown("releasing", "homework release")
    assert len(commands) == 2
    for command, output in commands.items():
        good = not output.startswith("coursekit:")
        assert printed(capsys, command, 0 if good else 2) == output
    assert not (sources / "solutions").exists() and len(list(sources.rglob("*.ipynb"))) == 1


def test_publish_prints_what_the_page_shows(capsys, sources):
    ((command, output),) = shown("releasing", "publish").items()
    assert printed(capsys, f"{command} --root {ROOT}") == output
    assert (sources / "student-course" / "book").is_dir()
    assert not (sources / "student-course" / "solutions").exists()


def test_a_dry_run_prints_what_the_page_shows(capsys, sources, monkeypatch):
    ((command, output),) = shown("grading", "--dry-run").items()
    (sources / "submissions").mkdir()
    for name in output.splitlines()[:-1]:
        (sources / "submissions" / name).touch()
    monkeypatch.setattr(sandbox, "backend", lambda: "namespaces")
    assert printed(capsys, command) == output


@pytest.mark.parametrize("page", ["grading"])
def test_help_prints_what_the_page_shows(page, capsys, sources):
    commands = shown(page, "--help")
    assert commands
    for command, output in commands.items():  # other versions of Python break lines elsewhere
        assert printed(capsys, command).split() == output.split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_option_that_a_page_shows_is_known(page):
    for line in re.findall(r"^\$ coursekit (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        if "--help" not in line:
            make_parser().parse_args(line.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_pages(page):
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    generated = {"../costs.md"}
    assert [link for link in links if link not in generated and not (FOLDER / link).exists()] == []


def test_the_entry_page_leads_to_all_of_them():
    entry = (ROOT / "book" / "teachers.md").read_text(encoding="utf-8")
    assert PAGES and [page.stem for page in PAGES if f"(teachers/{page.name})" not in entry] == []


def test_every_mode_role_and_kind_has_its_row():
    adding = text_of("adding_a_homework")
    assert [word for word in (*KINDS, *ROLES) if f"`{word}`" not in adding] == []
    assert [mode for mode in MODES if f"--mode {mode}" not in text_of("grading")] == []


def test_every_key_of_the_rubrics_is_explained(sources):
    adding, keys = text_of("adding_a_homework"), set()
    for path in sorted((ROOT / "solutions").glob("*/rubric.yaml")):
        rubric = yaml.safe_load(path.read_text(encoding="utf-8"))
        keys |= set(rubric) | {key for part in rubric["parts"] for key in part}
        keys |= {key for group in ("smoke", "flags", "limits") for key in rubric[group]}
    code = " ".join(re.findall(r"`([^`\n]+)`", adding))
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", code)] == []


def test_no_line_of_a_solution_stands_on_a_page(sources):
    marks = {"### BEGIN SOLUTION", "### END SOLUTION"}
    for name in homework_names():
        lines = solution_lines(load_homework(name)) - marks
        for page in PAGES:
            assert lines & {line.strip() for line in page.read_text(encoding="utf-8").splitlines()} == set()


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The worked example, written into a folder of homework sources as the page says."""
    text = text_of("adding_a_homework")
    folder = tmp_path / "solutions" / "hw9_two_optimisers"
    folder.mkdir(parents=True)
    for language, name in (("python", "hw9.py"), ("yaml", "rubric.yaml")):
        (block,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
        (folder / name).write_text(block, encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_SOLUTIONS", str(folder.parent))
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_worked_example_is_released_as_shown(capsys, example):
    assert homework_names() == ["hw9"]
    ((command, output),) = shown("adding_a_homework", "homework release").items()
    assert printed(capsys, command) == output


def test_a_slip_in_the_rubric_is_named_as_shown(example):
    rubric = example / "solutions" / "hw9_two_optimisers" / "rubric.yaml"
    rubric.write_text(rubric.read_text(encoding="utf-8").replace("task: hw9-report", "task: hw9-raport"))
    with pytest.raises(ValueError) as wrong:
        load_homework("hw9")
    said = re.search(r"for example `(hw9_two_optimisers/.*?)`", text_of("adding_a_homework"))[1]
    assert str(wrong.value).startswith(said)


def test_the_worked_example_runs_and_is_graded_as_shown(capsys, example):
    (example / "trial").mkdir()
    for solved, name in ((True, "hw9_submission.zip"), (False, "hw9.ipynb")):
        folder = example / f"run-{solved}"
        folder.mkdir()
        notebook = notebook_of(load_homework("hw9"), solution=solved)
        (folder / "hw9.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        done = subprocess.run([sys.executable, "-c", RUN], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("not written yet: hw9-optimisers" in done.stdout) is not solved
        handed_in = "reference.zip" if solved else "unsolved.ipynb"
        (folder / name).rename(example / "trial" / handed_in)
    ((command, output),) = shown("adding_a_homework", "homework grade").items()
    found = printed(capsys, command)
    assert "\n".join(line for line in found.splitlines() if not line.startswith("WARNING")) == output.rstrip(
        "\n"
    )


def test_thresholds_are_the_counts_that_the_page_shows(sources):
    text = text_of("thresholds")
    (part,) = [part for part in load_homework("hw1").parts if part.kind == "accuracy"]
    for n, column in ((5_000, 3), (7_600, 4)):
        rows = re.findall(r"^\| [\d.]+ % \|.*\|$", text, re.MULTILINE)
        counted = {int(row.split("|")[column].replace(",", "")): int(row.split("|")[2]) for row in rows}
        assert counted == thresholds_in_texts(part.options["thresholds"], n)
    low, high = wilson(4_560, 5_000)
    assert f"`{low:.3f}` to `{high:.3f}`" in text


def test_the_chances_are_those_of_the_record():
    noise = NormalDist(0, record_value("headline-agnews", "summary.recurrent.accuracy_sd"))
    rows = re.findall(r"^\| `([\d.]+)` \| 1 in (\d+) \|$", text_of("thresholds"), re.MULTILINE)
    assert len(rows) >= 4
    for distance, chance in rows:
        assert abs(1 / noise.cdf(-float(distance)) - int(chance)) <= 0.5, distance


def test_the_demo_on_the_page_is_the_one_that_is_built(sources):
    from tools.grade_demo import SHOWN as BUILT

    rows = re.search(r"```text\nfile.*what it is.*\n((?:.*\n)*?)```", text_of("grading"))[1].splitlines()
    assert [row.split("  ")[0].strip() for row in rows] == [one.file for one in BUILT]
    assert all(one.what in row for one, row in zip(BUILT, rows, strict=True))


def test_the_safe_target_of_homework_1_is_two_standard_errors_of_validation_less_test():
    page = text_of("thresholds")
    (safe,) = re.findall(r"aim `(\.\d+)` above a threshold", page)
    n_validation, n_test = (
        int(n.replace(",", ""))
        for n in re.search(r"between ([\d,]+) validation texts and ([\d,]+) test", page).groups()
    )
    noise = math.sqrt(0.915 * 0.085 * (1 / n_validation + 1 / n_test))
    assert float(safe) == pytest.approx(2 * noise, abs=0.001)
    (target,) = [cell for cell in load_homework("hw1").cells if "is a safe target" in cell.source]
    assert f"`{safe}` above a threshold is a safe target" in target.source


def test_full_marks_lie_below_the_worst_seed_of_homework_1():
    record = json.loads((ROOT / "data" / "results" / "headline-agnews.json").read_text(encoding="utf-8"))
    scores = [run["test"]["accuracy"] for run in record["runs"] if run["arm"] == "recurrent"]
    (part,) = [part for part in load_homework("hw1").parts if part.kind == "accuracy"]
    noise = record_value("headline-agnews", "summary.recurrent.accuracy_sd")
    assert max(part.options["thresholds"]) <= min(scores) - noise
