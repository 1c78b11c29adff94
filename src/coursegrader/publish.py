"""Publish: a copy of the course that never held a key."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from coursegrader.messages import machine_language, say

# The tests of the grader, its demo and what both build on quote solutions.
PRIVATE = ("solutions", "tests/coursegrader", "tools/grade_demo.py", "tools/trial_class", ".git")


def publish(root: str | Path, folder: str | Path) -> Path:
    """Copy the tracked files of a checkout without what quotes a solution, as a repository with one commit.

    The folder for the copy must not be there yet.
    """
    root, folder = Path(root).resolve(), Path(folder)
    if folder.exists():
        raise FileExistsError(say("publish.there", folder=folder.name))
    ours = ["git", "-c", f"safe.directory={root}", "-C", root]  # a checkout may belong to another user
    listed = subprocess.run([*ours, "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        said = (listed.stderr.strip().splitlines() or ["?"])[0]
        raise ValueError(say("publish.no-checkout", root=root.name, said=said))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".publish-") as made:
        copy = Path(made, "copy")
        for name in filter(None, listed.stdout.split("\0")):
            if any(Path(name).is_relative_to(kept) for kept in PRIVATE) or not (root / name).is_file():
                continue
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)
        git = ["git", "-C", copy, "-c", "user.name=course", "-c", "user.email=course@example.org"]
        for step in (
            ["init", "-q"],
            ["add", "-A"],
            ["commit", "-qm", say("publish.commit").in_words(machine_language())],
        ):
            subprocess.run([*git, *step], check=True, capture_output=True)
        copy.rename(folder)
    return folder
