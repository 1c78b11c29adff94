"""A homework as the teacher keeps it: one percent script with solutions, and a rubric in YAML.

The folder named by ``COURSEKIT_SOLUTIONS`` (default: ``solutions`` in the current folder) holds one folder for each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from coursegrader.kinds import KINDS, configuration_problem, kind_of
from coursegrader.messages import LANGUAGES, RubricError, say
from coursekit.training import Config

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ROLES = ("setup", "data", "define", "check", "train", "pack", "manual")
HEAD = {"homework", "title", "data", "source", "released", "parts"}  # what every rubric begins with
SETTINGS = {"flags": {"blob_bytes"}, "limits": {"artefact_seconds", "cell_seconds", "memory_mib"}}
PART = {"id": str, "title": str, "points": int, "kind": str}
_TASK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,60}")


@dataclass(frozen=True)
class TeacherCell:
    """One cell of the source."""

    kind: str  # code or markdown
    source: str  # with the solution
    stub: str  # what the student is given
    role: str | None = None  # what the grader uses it for, one of ROLES
    task: str | None = None  # name of the answer, where the student fills it in


@dataclass(frozen=True)
class Part:
    """One line of the rubric."""

    id: str
    title: str
    points: int  # at most
    kind: str  # how it is marked: a module of coursegrader.kinds
    options: dict[str, Any] = field(
        default_factory=dict
    )  # what this kind needs: thresholds, a task, a number


@dataclass(frozen=True, kw_only=True)
class Homework:
    """A homework: its cells and its rubric."""

    name: str
    title: str
    data: str  # name of the data set
    released: str  # stem of the released pair
    parts: tuple[Part, ...]
    cells: tuple[TeacherCell, ...]
    smoke: dict[str, Any]
    flags: dict[str, Any]
    limits: dict[str, Any]
    forbidden: tuple[str, ...] = ()  # names that an answer may not use
    baseline: dict[str, Any] = field(default_factory=dict)  # fields in which the baseline is no default
    language: str = ""  # of what its teachers read, and of feedback where a notebook says nothing

    @property
    def points(self) -> int:
        """All points of the rubric."""
        return sum(part.points for part in self.parts)

    @property
    def needs_data(self) -> bool:
        """Whether a part is marked on the homework's data."""
        return any(kind_of(part.kind).NEEDS_DATA for part in self.parts)

    @property
    def baseline_config(self) -> Config:
        """The locked configuration that experiments are compared with."""
        return Config.from_dict(self.baseline)

    @property
    def stubs(self) -> dict[str, str]:
        """What the student is given, by task, in order."""
        return {cell.task: cell.stub for cell in self.cells if cell.task}

    @property
    def task_kinds(self) -> dict[str, str]:
        """``code`` or ``markdown``, by task."""
        return {cell.task: cell.kind for cell in self.cells if cell.task}


def solutions_dir() -> Path:
    """Return the folder that holds the homework sources; ``FileNotFoundError`` if it is not there."""
    folder = Path(os.environ.get("COURSEKIT_SOLUTIONS", "solutions")).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(say("definition.no-folder", folder=folder))
    return folder


def homework_names() -> list[str]:
    """Return the short names of all homeworks in the folder."""
    return sorted(yaml.safe_load(path.read_text(encoding="utf-8"))["homework"] for path in _rubrics())


def load_homework(name: str) -> Homework:
    """Read a homework; ``RubricError`` says where its rubric or source is not in order, ``ValueError`` that there is none."""
    for path in _rubrics():
        rubric = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(rubric, dict) and rubric.get("homework") == name:
            try:
                return _homework(rubric, path.parent)
            except ValueError as error:
                raise RubricError(f"{path.parent.name}/{path.name}: {error}") from None
    raise ValueError(say("definition.no-homework", names=homework_names(), name=name))


def cut_solution(source: str, task: str) -> str:
    """Take the solution out of a cell: indented, it becomes ``raise NotImplementedError``; at the margin, a comment."""
    kept, inside = [], False
    for line in source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise RubricError(
                    f"{task}: '{mark}' {'inside a solution' if inside else 'without a beginning'}."
                )
            inside = not inside
            if inside:
                indent = line[: len(line) - len(line.lstrip())]
                kept.append(f'{indent}raise NotImplementedError("{task}")' if indent else "# your code here")
        elif not inside:
            kept.append(line)
    if inside:
        raise RubricError(f"{task}: '{BEGIN}' without an end.")
    return "\n".join(kept).rstrip()


def _rubrics() -> list[Path]:
    return sorted(solutions_dir().glob("*/rubric.yaml"))


def _homework(rubric: Mapping[str, Any], folder: Path) -> Homework:
    missing = HEAD - set(rubric)
    if missing:
        raise RubricError(f"{', '.join(sorted(missing))} missing.")
    parts = tuple(map(_part, rubric["parts"]))
    ids = [part.id for part in parts]
    if len(set(ids)) < len(ids):
        raise RubricError(f"every part needs an id of its own, got {ids}.")
    _check_settings(rubric, {part.kind for part in parts})
    cells = _cells(folder / rubric["source"])
    tasks = {cell.task for cell in cells if cell.task}
    for part in parts:
        task = part.options.get("task")
        if task is not None and task not in tasks:
            raise RubricError(f"part '{part.id}' names the task {task!r}; the source has {sorted(tasks)}.")
    return Homework(
        name=rubric["homework"],
        parts=parts,
        cells=cells,
        forbidden=tuple(rubric.get("forbidden", ())),
        language=_language(rubric),
        **{name: rubric[name] for name in ("title", "data", "released")},
        **{name: dict(rubric.get(name, {})) for name in ("smoke", "flags", "limits", "baseline")},
    )


def _language(rubric: Mapping[str, Any]) -> str:
    language = rubric.get("language", "")
    if language not in ("", *LANGUAGES):
        raise RubricError(f"'language' must be one of {LANGUAGES}, got {language!r}.")
    return language


def _check_settings(rubric: Mapping[str, Any], kinds: set[str]) -> None:
    """Name every setting that grading would miss."""
    wanted = {
        (section, key)
        for settings in (SETTINGS, *(kind_of(kind).SETTINGS for kind in kinds))
        for section, keys in settings.items()
        for key in keys
    }
    missing = [f"{section}.{key}" for section, key in sorted(wanted) if key not in rubric.get(section, {})]
    if missing:
        raise RubricError(f"{', '.join(missing)} missing.")
    if problem := configuration_problem("baseline", rubric.get("baseline", {})):
        raise RubricError(problem)


def _part(line: Mapping[str, Any]) -> Part:
    for name, kind in PART.items():
        if not isinstance(line.get(name), kind):
            raise RubricError(f"a part needs '{name}' ({kind.__name__}), got {line.get(name)!r}.")
    if line["kind"] not in KINDS:
        raise RubricError(f"'kind' must be one of {KINDS}, got {line['kind']!r}.")
    options, rules = {key: value for key, value in line.items() if key not in PART}, kind_of(line["kind"])
    for name, kind in rules.OPTIONS.items():
        if not _is_set(options, name, kind):
            raise RubricError(f"part '{line['id']}': '{name}' is missing.")
    if problem := rules.problems(line["points"], options):
        raise RubricError(f"part '{line['id']}': {problem}")
    return Part(**{name: line[name] for name in PART}, options=options)


def _is_set(options: Mapping[str, Any], name: str, kind: type) -> bool:
    return isinstance(options.get(name), kind) and bool(options[name])


def _cells(script: Path) -> tuple[TeacherCell, ...]:
    import jupytext  # takes a while to load; only teachers need it

    made = []
    for cell in jupytext.read(script).cells:
        own = cell.metadata.get("coursekit", {})
        role, task = own.get("role"), own.get("task")
        if role is not None and role not in ROLES:
            raise RubricError(f"{script.name}: 'role' must be one of {ROLES}, got {role!r}.")
        if task is not None and not _TASK_NAME.fullmatch(task):
            raise RubricError(f"{script.name}: a task is named with a-z, 0-9 and '-', got {task!r}.")
        if task is None and (BEGIN in cell.source or END in cell.source):
            raise RubricError(f"{script.name}: a cell holds a solution and names no task.")
        stub = cut_solution(cell.source, task) if task else cell.source
        made.append(TeacherCell(cell.cell_type, cell.source, stub, role, task))
    tasks = [cell.task for cell in made if cell.task]
    if len(set(tasks)) < len(tasks):
        raise RubricError(f"{script.name}: every task needs a name of its own, got {tasks}.")
    return tuple(made)
