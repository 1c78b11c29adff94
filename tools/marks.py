"""Numbers in prose: a measured one is marked and equals its record, and no other decimal stands there.

A mark is ``<!--r:NAME.key-->0.917<!--/-->``: the figure ``key`` of ``data/results/NAME.json``, rounded as shown. With
a percent sign the record's share is shown in percent; thousands may be set apart by a comma or a thin space.

Left out: whole numbers without a mark; most of them are counts of things in view.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tools.project import ROOT, page_sources

RESULTS = ROOT / "data" / "results"
ALLOWED = ROOT / "tests" / "repository" / "allowed_decimals.txt"
MARK = re.compile(r"<!--r:([a-z0-9-]+)\.([\w.-]+)-->(.*?)<!--/-->", re.DOTALL)
NUMBER = re.compile(
    r"(?P<number>[-−]?\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?)(?P<percent>[ \u202f\u00a0]?%)?"
)
# What may hold a decimal: code, formulae, addresses, comments, and a version after the name of what has it.
CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]*`", re.DOTALL)
SECTION = re.compile(
    r"^#{1,6} \d+\.\d+|\b(?:[Ss]ections?|[Рр]аздел\w*) \d+\.\d+(?:(?: to |–)\d+\.\d+)?", re.MULTILINE
)
NOT_PROSE = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)\n]*\)|https?://\S+|<!--.*?-->|<[^>\n]*>", re.DOTALL)
VERSION = re.compile(
    r"\b(?:Python|PyTorch|torch|MathJax|Jupyter Book|CC BY|version)(?:\s+|\s*[≥>]=?\s*)\d+(?:\.\d+)+"
)
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?![\w]|\.\d)")


def record_value(name: str, key: str, folder: Path = RESULTS) -> float:
    """Return a figure of a record: an entry of its ``summary``, or a path of keys joined by dots.

    Raises
    ------
    LookupError
        If there is no such record or figure.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise LookupError(f"no record {name}.json")
    value: Any = json.loads(path.read_text(encoding="utf-8"))
    summary = value.get("summary", value)
    if key in summary:
        value = summary[key]
    else:
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise LookupError(f"{name}.json has no {key!r}")
            value = value[part]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise LookupError(f"{name}.json: {key!r} is not a number")
    return value


def equals_as_shown(shown: str, value: float) -> bool:
    """Tell whether a number, as printed, is a value rounded to the digits that are shown.

    Examples
    --------
    >>> equals_as_shown("91.7 %", 0.91683), equals_as_shown("11,842", 11842), equals_as_shown("0.92", 0.9149)
    (True, True, False)
    >>> equals_as_shown("−0.5", -0.5), equals_as_shown("-0.5", -0.5), equals_as_shown("0.5", -0.5)
    (True, True, False)
    """
    match = NUMBER.fullmatch(shown.strip())
    if match is None:
        return False
    digits = re.sub(r"[,\u202f\u00a0]", "", match["number"]).replace("−", "-")
    decimals = len(digits.partition(".")[2])
    scaled = value * 100 if match["percent"] else value
    return abs(float(digits) - scaled) <= 0.5 * 10**-decimals + 1e-9


def mark_problems(
    text: str, where: str, *, folder: Path = RESULTS, allowed: frozenset[str] = frozenset()
) -> list[str]:
    """Return one sentence for each wrong mark and each unmarked decimal of a Markdown text.

    Parameters
    ----------
    text : str
    where : str
        How to call the text in the messages.
    folder : Path
        Of the records.
    allowed : frozenset of str
        Decimals that may stand unmarked.
    """
    found = []
    text = CODE.sub(" ", text)
    for name, key, shown in MARK.findall(text):
        try:
            value = record_value(name, key, folder)
        except LookupError as error:
            found.append(f"{where}: {error}")
            continue
        if not equals_as_shown(shown, value):
            found.append(f"{where}: shows {shown!r} for {name}.{key}, which is {value}")
    rest = MARK.sub(" ", text)
    if "<!--r:" in rest or "<!--/-->" in rest:
        found.append(f"{where}: a mark is not closed, or not written '<!--r:NAME.key-->…<!--/-->'")
    prose = VERSION.sub(" ", NOT_PROSE.sub(" ", SECTION.sub(" ", rest)))
    found += [
        f"{where}: the decimal {number} is not marked"
        for number in DECIMAL.findall(prose)
        if number not in allowed
    ]
    return found


def with_points(text: str) -> str:
    """Return the text of a translated page with decimal points in place of its decimal commas."""
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def prose_of(path: Path) -> str:
    """Return the Markdown of a page or notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def prose_files(root: Path = ROOT) -> list[Path]:
    """Return every page, chapter and README that a reader reads."""
    plain = [root / name for name in ("README.md", "CONTRIBUTING.md")]
    return plain + list(page_sources(root).values())


def allowed_decimals(path: Path = ALLOWED) -> dict[str, frozenset[str]]:
    """Read the list of exceptions: lines ``file: decimal decimal …``; ``#`` starts a comment."""
    allowed = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, numbers = line.partition("#")[0].partition(":")
        if name.strip():
            allowed[name.strip()] = frozenset(numbers.split())
    return allowed
