"""Look at the built pages in Chromium: ``python -m tools.look`` (``make test-browser``).

Serves ``_build/html`` on this machine, opens every page at three widths, light and dark, taps what a reader taps (search,
menu, contents, theme, copy, folds, the notebook's buttons), and fails if a control is dead, a page is wider than the
window, a formula was not set, a script failed, something is loaded from elsewhere, or axe finds a serious or critical
fault. The screenshots go to ``_build/screens``. Pages named on the command line are the only ones looked at:
``python -m tools.look index book/04_vanilla_rnn``. ``--few`` looks at each page twice only, as a phone in the dark and
as a wide screen in the light (``make test-browser VIEWS=--few``).

Left out: other browsers.
"""

from __future__ import annotations

import argparse
import functools
import html
import http.server
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tqdm import tqdm

from tools.project import ROOT, toc_pages

VIEWS = tuple(itertools.product((1440, 768, 390), ("light", "dark")))  # pixels, theme
FEW = ((390, "dark"), (1440, "light"))
AT_ONCE = 2  # browsers
PAGES = ROOT / "_build" / "html"
SCREENS = ROOT / "_build" / "screens"
AXE = ROOT / "_build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=20000",
)  # fmt: skip
# Stands first in a page that is looked at: what its scripts complain of, from the first on.
LISTENER = """<script>
const complaints = [];
const said = event => event.message ?? `not loaded: ${event.target.src ?? event.target.href}`;
addEventListener("error", event => complaints.push(said(event)), true);
addEventListener("unhandledrejection", event => complaints.push(String(event.reason)));
console.error = (...words) => complaints.push(words.join(" "));
window.complaints = complaints;
</script>"""
# Runs beside the page in a frame as wide as the window under test, and writes down what it finds.
PROBE = """<!doctype html><title>probe</title><pre id="found" hidden></pre>
<style>body {{ margin: 0 }} iframe {{ border: 0; width: {width}px; height: 3000px }}</style>
<iframe id="page"></iframe>
<script>
localStorage.setItem("mode", "{theme}"); localStorage.setItem("theme", "{theme}");
const pause = () => new Promise(done => setTimeout(done, 100));
const seen = node => {{
  const {{left, right, width}} = node.getBoundingClientRect();
  const inside = width > 0 && right > 0 && left < node.ownerDocument.defaultView.innerWidth;
  return inside && node.checkVisibility({{visibilityProperty: true}});
}};
// Taps what a reader taps, and names what does not answer: what is looked at has to change.
async function dead(inner, body) {{
  const silent = [], find = path => [...body.querySelectorAll(path)].find(seen);
  const shown = path => () => Boolean(find(path));
  const everywhere = ["menu", "search", "theme"];
  body.head.insertAdjacentHTML("beforeend", "<style>* {{ transition: none !important }}</style>");
  const tries = {{
    contents: [".secondary-toggle", shown(".bd-sidebar-secondary a, #pst-secondary-sidebar-modal a")],
    search: [".search-button, .search-button-field", shown("input[type=search]")],
    menu: [".primary-toggle", shown(".bd-sidebar-primary a.reference, #pst-primary-sidebar-modal a.reference")],
    theme: [".theme-switch-button", () => body.documentElement.dataset.mode],
    copy: [".copybtn", button => button.dataset.tooltip],
    fold: ["main details > summary", summary => summary.parentElement.open],
    notebook: [".dropdown-launch-buttons button", shown(".dropdown-launch-buttons .dropdown-menu a")],
    download: [".dropdown-download-buttons button", shown(".dropdown-download-buttons .dropdown-menu a")],
    repository: [".dropdown-source-buttons button", shown(".dropdown-source-buttons .dropdown-menu a")],
  }};
  for (const [name, [path, look]] of Object.entries(tries)) {{
    const control = find(path), before = control && look(control);
    if (control) control.click();
    for (let wait = 0; control && wait < 30 && look(control) === before; wait++) await pause();
    if (control ? look(control) === before : everywhere.includes(name)) silent.push(name);
    body.querySelectorAll("dialog[open]").forEach(dialog => dialog.close());
    await pause();
  }}
  return silent;
}}
const frame = document.getElementById("page");
if (!{taps}) frame.src = "/{page}"; else
frame.onload = async () => {{
  const inner = frame.contentWindow, body = frame.contentDocument;
  if (inner.MathJax && inner.MathJax.startup) await inner.MathJax.startup.promise;
  const found = {{
    overflow: body.documentElement.scrollWidth - inner.innerWidth,
    formulae: body.querySelectorAll(".math").length,
    unset: [...body.querySelectorAll(".math")].filter(node => !node.querySelector("mjx-container")).length,
    loose: [...body.querySelectorAll("div.cell_output .output.stream pre")]
      .filter(pre => pre.textContent.trim() && !pre.querySelector(".line, [class*=ansi]")).length,
    errors: inner.complaints, axe: [], dead: [],
    outside: inner.performance.getEntriesByType("resource").map(entry => entry.name)
      .filter(name => !name.startsWith(location.origin) && !name.startsWith("data:")),
  }};
  if ({axe}) {{
    await new Promise(done => {{
      const script = body.createElement("script");
      script.src = "/probe/axe.js"; script.onload = done; body.head.append(script);
    }});
    const report = await inner.axe.run({{exclude: {theirs}}}, {{resultTypes: ["violations"]}});
    found.axe = report.violations.filter(v => ["serious", "critical"].includes(v.impact))
      .map(v => [v, v.nodes[0], [...v.nodes[0].any, ...v.nodes[0].all, ...v.nodes[0].none][0]])
      .map(([v, first, why]) => `${{v.id}} (${{v.nodes.length}}), for example ${{first.target}}: ${{why.message}}`);
  }}
  found.dead = await dead(inner, body);
  document.getElementById("found").textContent = JSON.stringify(found);
}};
if ({taps}) frame.src = "/{page}";
</script>"""
# What Sphinx and the theme draw, and no page of ours can mend: the roles docutils gives to a list of citations.
THEIRS = [[".citation-list"]]


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, the probe and axe; says nothing."""

    def do_GET(self) -> None:
        match = re.fullmatch(r"/(probe|picture)/(\d+)/(\w+)/(.+)", self.path)
        if match:
            what, width, theme, page = match.groups()
            taps, axe, theirs = map(json.dumps, (what == "probe", AXE.is_file(), THEIRS))
            text = PROBE.format(width=width, theme=theme, page=page, taps=taps, axe=axe, theirs=theirs)
            self._send(text.encode(), "text/html; charset=utf-8")
        elif self.path.endswith(".html"):
            page = (PAGES / self.path.lstrip("/")).read_text(encoding="utf-8")
            self._send(
                re.sub("<head[^>]*>", lambda head: head[0] + LISTENER, page, count=1).encode(),
                "text/html; charset=utf-8",
            )
        elif self.path == "/probe/axe.js":
            self._send(AXE.read_bytes(), "text/javascript")
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        pass

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def problems_of(found: dict) -> list[str]:
    """Return what is wrong with a page, from what the probe wrote down."""
    problems = [f"script error: {error}" for error in found["errors"]]
    problems += [f"tapped, and nothing happens: {control}" for control in found["dead"]]
    problems += [f"axe: {fault}" for fault in found["axe"]]
    problems += [f"loaded from elsewhere: {address}" for address in found["outside"]]
    if found["overflow"] > 0:
        problems.append(f"{found['overflow']} pixels wider than the window")
    if found["loose"]:
        problems.append(f"{found['loose']} printed outputs are not set in lines")
    if found["unset"]:
        problems.append(f"{found['unset']} of {found['formulae']} formulae are not set")
    return problems


def main(pages: list[str], views: Sequence[tuple[int, str]] = VIEWS) -> int:
    """Look at the pages in these views; return the exit code."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        print("make test-browser needs Chromium (on Debian: apt install chromium).", file=sys.stderr)
        return 2
    if not AXE.is_file():
        print("axe is not here, so accessibility is not checked: npm install --prefix _build/axe axe-core")
    SCREENS.mkdir(parents=True, exist_ok=True)
    looked_at = [(page, *view) for page in pages for view in views]
    handler = functools.partial(_Handler, directory=str(PAGES))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        looks = pool.map(lambda view: _look(browser, address, *view), looked_at)
        faults = [fault for found in tqdm(looks, total=len(looked_at)) for fault in found]
        server.shutdown()
    print("\n".join(faults))
    axe = "axe: nothing serious" if AXE.is_file() else "without axe"
    seen = ", ".join(f"{width} {theme}" for width, theme in views)
    print(
        f"{len(pages)} pages × {len(views)} views ({seen}): {len(faults)} faults; {axe if not faults else ''}"
    )
    return int(bool(faults))


def _look(browser: str, address: str, page: str, width: int, theme: str) -> list[str]:
    where = f"{width}/{theme}/{page}.html"
    for _ in range(2):  # a busy machine may not finish a page in time: once more
        seen = _run(browser, width, "--dump-dom", f"{address}/probe/{where}")
        if match := re.search(r'<pre id="found" hidden="">(.+?)</pre>', seen, re.DOTALL):
            break
    picture = SCREENS / f"{page.replace('/', '-')}-{width}-{theme}.png"
    _run(browser, width, f"--screenshot={picture}", f"{address}/picture/{where}")
    if match is None:
        return [f"{where}: the page did not finish loading"]
    return [f"{where}: {problem}" for problem in problems_of(json.loads(html.unescape(match[1])))]


def _run(browser: str, width: int, *more: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        size = (
            f"--window-size={max(width, 500)},2400"
            if more[0] == "--dump-dom"
            else f"--window-size={width},2400"
        )
        command = [browser, *OPTIONS, f"--user-data-dir={profile}", size, *more]
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return ""
        return run.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Look at the built pages in Chromium.")
    parser.add_argument("pages", nargs="*", help="such as book/04_vanilla_rnn; all pages, if left out")
    parser.add_argument(
        "--few", action="store_true", help="two views a page: a phone in the dark, wide in the light"
    )
    given = parser.parse_args()
    sys.exit(main(given.pages or toc_pages(), FEW if given.few else VIEWS))
