"""Look at the built pages in Chromium: ``python -m tools.look`` (``make test-browser``).

Serves ``_build/html`` on this machine, opens every page 1,280 and 390 pixels wide, and fails if a page is wider than
the window, a formula was not set, a script failed, or axe finds a serious fault in an article. The screenshots go to
``_build/screens``.

Left out: other browsers.
"""

from __future__ import annotations

import functools
import html
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from tools.project import ROOT, toc_pages

WIDTHS = (1280, 390)
PAGES = ROOT / "_build" / "html"
SCREENS = ROOT / "_build" / "screens"
AXE = ROOT / "_build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=20000",
)  # fmt: skip
# Runs beside the page in a frame as wide as the window under test, and writes down what it finds.
PROBE = """<!doctype html><title>probe</title><pre id="found"></pre>
<iframe id="page" src="/{page}" style="border:0;width:{width}px;height:3000px"></iframe>
<script>
const pause = () => new Promise(done => setTimeout(done, 100));
const seen = node => node && node.getClientRects().length > 0 && node.getBoundingClientRect().right > 0;
// Taps what a reader taps, and names what does not answer.
async function dead(inner, body) {{
  const silent = [], find = path => [...body.querySelectorAll(path)].find(seen);
  const tries = {{
    menu: [".primary-toggle", () => seen(find(".bd-sidebar-primary a.reference, #pst-primary-sidebar-modal a.reference"))],
    search: [".search-button, .search-button-field", () => seen(find("input[type=search]"))],
    theme: [".theme-switch-button", before => body.documentElement.dataset.mode !== before],
  }};
  for (const [name, [path, answers]] of Object.entries(tries)) {{
    const control = find(path), before = body.documentElement.dataset.mode;
    if (control) control.click();
    for (let wait = 0; control && wait < 30 && !answers(before); wait++) await pause();
    if (!control || !answers(before)) silent.push(name);
    body.querySelectorAll("dialog[open]").forEach(dialog => dialog.close());
    await pause();
  }}
  return silent;
}}
const frame = document.getElementById("page"), errors = [];
frame.onload = async () => {{
  const inner = frame.contentWindow, body = frame.contentDocument;
  inner.onerror = message => errors.push(String(message));
  if (inner.MathJax && inner.MathJax.startup) await inner.MathJax.startup.promise;
  const found = {{
    overflow: body.documentElement.scrollWidth - inner.innerWidth,
    formulae: body.querySelectorAll(".math").length,
    unset: [...body.querySelectorAll(".math")].filter(node => !node.querySelector("mjx-container")).length,
    errors, axe: [],
  }};
  found.dead = await dead(inner, body);
  if ({axe}) {{
    await new Promise(done => {{
      const script = body.createElement("script");
      script.src = "/probe/axe.js"; script.onload = done; body.head.append(script);
    }});
    // What the theme draws around an article, and the roles docutils gives to a list of citations, are not ours.
    const ours = {{include: [["article"]], exclude: [[".citation-list"]]}};
    const report = await inner.axe.run(ours, {{resultTypes: ["violations"]}});
    found.axe = report.violations.filter(v => ["serious", "critical"].includes(v.impact))
      .map(v => `${{v.id}}: ${{v.help}} (${{v.nodes.length}}, for example ${{v.nodes[0].target}})`);
  }}
  document.getElementById("found").textContent = JSON.stringify(found);
}};
</script>"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, the probe and axe; says nothing."""

    def do_GET(self) -> None:
        match = re.fullmatch(r"/probe/(\d+)/(.+)", self.path)
        if match:
            text = PROBE.format(width=match[1], page=match[2], axe=json.dumps(AXE.is_file()))
            self._send(text.encode(), "text/html; charset=utf-8")
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
    if found["overflow"] > 0:
        problems.append(f"{found['overflow']} pixels wider than the window")
    if found["unset"]:
        problems.append(f"{found['unset']} of {found['formulae']} formulae are not set")
    return problems


def main() -> int:
    """Look at every page; return the exit code."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        print("make test-browser needs Chromium (on Debian: apt install chromium).", file=sys.stderr)
        return 2
    if not AXE.is_file():
        print("axe is not here, so accessibility is not checked: npm install --prefix _build/axe axe-core")
    SCREENS.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(_Handler, directory=str(PAGES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        faults = [
            fault
            for page in toc_pages()
            for width in WIDTHS
            for fault in _look(browser, address, page, width)
        ]
        server.shutdown()
    print("\n".join(faults) or f"{len(toc_pages())} pages look whole at {WIDTHS} pixels; see _build/screens.")
    return int(bool(faults))


def _look(browser: str, address: str, page: str, width: int) -> list[str]:
    seen = _run(browser, width, "--dump-dom", f"{address}/probe/{width}/{page}.html")
    match = re.search(r'<pre id="found">(.+?)</pre>', seen, re.DOTALL)
    picture = SCREENS / f"{page.replace('/', '-')}-{width}.png"
    _run(browser, width, f"--screenshot={picture}", f"{address}/{page}.html")
    where = f"{page} at {width} pixels"
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
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        ).stdout


if __name__ == "__main__":
    sys.exit(main())
