"""Is what the course needs installed, and new enough? Asked once at the top of a chapter, so that no import fails later."""

from __future__ import annotations

from importlib import metadata

from packaging.requirements import Requirement


def installation_problems(requirements: list[str] | None = None) -> list[str]:
    """Return one sentence, with its mend, for each package that is missing or whose version does not fit.

    Requirements are written as in ``pyproject.toml``; those of the installed coursekit, if left out, without extras.
    """
    if requirements is None:
        try:
            requirements = metadata.requires("coursekit") or []
        except metadata.PackageNotFoundError:  # read from a folder, not installed
            return []
    problems = []
    for wanted in map(Requirement, requirements):
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        mend = f"run  %pip install --upgrade '{wanted.name}{wanted.specifier}'  and restart the kernel."
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            problems.append(f"{wanted.name} is missing: {mend}")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            problems.append(f"{wanted.name} {found} does not fit, {wanted.specifier} is wanted: {mend}")
    return problems
