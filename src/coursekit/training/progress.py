"""Progress: one line that moves, in a terminal and in a notebook, and that leaves nothing behind in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from tqdm import tqdm

REFRESH_SECONDS = 0.5


class ProgressLine:
    """Counts steps and shows them: with tqdm in a terminal, in one replaced line in a notebook."""

    def __init__(self, total: int, shown: bool = True) -> None:
        self.total, self.done, self.note = total, 0, ""
        self._bar = self._handle = None
        self._last = self._start = time.monotonic()
        if not shown:
            return
        if _in_notebook():
            from IPython.display import display

            self._handle = display({"text/plain": "starting …"}, raw=True, display_id=True)
        else:
            self._bar = tqdm(total=total, file=sys.stderr, disable=None, leave=False)

    def __enter__(self) -> ProgressLine:
        return self

    def step(self, note: str = "") -> None:
        """Count one step; ``note`` stands behind the count."""
        self.done += 1
        self.note = note or self.note
        if self._bar is not None:
            self._bar.set_postfix_str(self.note, refresh=False)
            self._bar.update()
        elif self._handle is not None and time.monotonic() - self._last > REFRESH_SECONDS:
            self._last = time.monotonic()
            self._update(f"{self.done / self.total:4.0%}  step {self.done} of {self.total}  {self.note}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._handle is not None:
            word = "done" if kind is None else "stopped"
            self._update(
                f"{word} after {self.done} steps, {time.monotonic() - self._start:.0f} s  {self.note}"
            )

    def _update(self, text: str) -> None:
        self._handle.update({"text/plain": text}, raw=True)


def _in_notebook() -> bool:
    """True inside a Jupyter kernel, False in a terminal or a script."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None
