// What scrolls sideways must be within reach of the keyboard, and nothing else is a stop on its way. Where more lies to
// the right, the edge fades (course.css).
const boxes = "div.cell_output .text_html, div.cell_output pre.columns, div.cell_output figure, .pst-scrollable-table-container, .highlight pre, mjx-container[display='true']";
const fade = box => box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
const reach = () => document.querySelectorAll(boxes).forEach(box => {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
  fade(box);
});
addEventListener("scroll", event => { if (event.target.matches?.(boxes)) fade(event.target); }, true);
// A column of numbers is set to the right, its heading as well, so that digits stand below digits. What is short stays on a line.
const number = /^[-+−±]?[\d.,]*(e[-+]?\d+)?\s*(%|(±|to)\s*[-+−]?[\d.,]+)?$|^(nan|none|[—–])$/i;
const SHORT = 24;
const alignNumbers = () => document.querySelectorAll("div.cell_output table.dataframe").forEach(table => {
  const rows = [...table.tBodies].flatMap(body => [...body.rows]);
  const columns = Math.max(...rows.map(row => row.cells.length));
  const heads = [...(table.tHead?.rows ?? [])].filter(row => row.cells.length === columns);
  for (let k = 0; k < columns; k++) {
    const cells = rows.map(row => row.cells[row.cells.length - columns + k]).filter(cell => cell?.tagName === "TD");
    if (cells.length && cells.every(cell => number.test(cell.textContent.trim())))
      [...cells, ...heads.map(row => row.cells[k])].forEach(cell => cell.classList.add("number"));
  }
  table.querySelectorAll("th, td").forEach(cell => cell.classList.toggle("short", cell.textContent.trim().length <= SHORT));
});
// A heat map or a coloured picture keeps its colours in the dark; a picture that a phone can show whole does not scroll.
const PHONE = 570;
const lookAtFigures = () => document.querySelectorAll("figure img[src^='data:image/svg+xml;base64,']").forEach(img => {
  const figure = img.closest("figure");
  figure.classList.toggle("colours", /QuadMesh|<image/.test(atob(img.src.split(",")[1])));
  figure.classList.toggle("fits", img.naturalWidth <= PHONE);
});
// What a cell prints wraps, each line with a hanging indent; where two lines or more have columns, such lines stay whole
// and scroll. A small number is not broken at the sign of its exponent.
const inColumns = line => /\S {2,}\S/.test(line) && !line.startsWith("✓") && line.length <= 100;
const exponent = /(\d[\d.]*e[-−]\d+)/;
const printed = "div.cell_output .output.stream pre, div.cell_output .output.text_plain pre";
const linesOf = pre => { // each a row of {text, lang}: words in Russian are marked
  const lines = [[]];
  for (const { textContent, lang } of pre.childNodes)
    for (const text of textContent.split(/(?<=\n)/)) {
      lines.at(-1).push({ text, lang });
      if (text.endsWith("\n")) lines.push([]);
    }
  return lines.filter(line => line.length);
};
const span = (marks, ...within) => {
  const made = Object.assign(document.createElement("span"), marks);
  made.replaceChildren(...within);
  return made;
};
const setLines = () => document.querySelectorAll(printed).forEach(pre => {
  if ([...pre.children].some(piece => piece.textContent && !piece.lang)) return; // coloured output stays as it is
  const lines = linesOf(pre).map(pieces => ({ pieces, text: pieces.map(piece => piece.text).join("") }));
  const columns = lines.filter(line => inColumns(line.text)).length > 1;
  pre.classList.toggle("columns", columns);
  pre.replaceChildren(...lines.map(({ pieces, text }) => {
    const set = ({ text, lang }) => lang ? [span({ lang }, text)] :
      text.split(exponent).map((part, place) => place % 2 ? span({ className: "whole" }, part) : part);
    return span({ className: columns && inColumns(text) ? "line kept" : "line" }, ...pieces.flatMap(set));
  }));
});
// A short piece of code within a sentence stays whole; a long one breaks after a dot or an underscore first.
const setCode = () => document.querySelectorAll("p code, li code").forEach(code => {
  code.classList.toggle("short", code.textContent.length <= SHORT);
  if (code.textContent.length > SHORT) code.querySelectorAll(".pre").forEach(piece => {
    const parts = piece.textContent.split(/(?<=[._/])(?!\d)/);
    piece.replaceChildren(...parts.flatMap((part, place) => place ? [document.createElement("wbr"), part] : [part]));
  });
});
// A comma stays with the formula before it.
const keepCommas = () => document.querySelectorAll("span.math").forEach(formula => {
  const next = formula.nextSibling;
  const mark = next?.nodeType === Node.TEXT_NODE && next.data.match(/^[^\s\p{L}\p{N}]+/u);
  if (!mark) return;
  const whole = document.createElement("span");
  whole.className = "whole";
  formula.replaceWith(whole);
  whole.append(formula, mark[0]);
  next.data = next.data.slice(mark[0].length);
});
// A written table with long cells becomes a card for each row on a phone, and each cell says what its column is called.
const LONG = 60;
const stackTables = () => document.querySelectorAll("article table.table:not(.dataframe)").forEach(table => {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map(cell => cell.textContent.trim());
  const cells = [...table.tBodies].flatMap(body => [...body.rows]).flatMap(row => [...row.cells]);
  if (heads.length < 3 || !cells.some(cell => cell.textContent.trim().length > LONG)) return;
  table.classList.add("stack");
  cells.filter(cell => cell.cellIndex && cell.textContent.trim()).forEach(cell => cell.dataset.column = heads[cell.cellIndex] ?? "");
});
// In Russian a dash never begins a line.
const keepDashes = () => {
  if (document.documentElement.lang !== "ru") return;
  const texts = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.closest("pre, code, script")) text.data = text.data.replace(/[ \n]—/g, "\u00a0—");
  }
};
addEventListener("load", () => {
  stackTables();
  keepDashes();
  setLines();
  setCode();
  keepCommas();
  alignNumbers();
  lookAtFigures();
  reach();
  globalThis.MathJax?.startup?.promise?.then(reach);
  // The button has a name; its three icons are a picture of it and no words. They are drawn at some time after the page.
  const bare = () => document.querySelectorAll(".theme-switch").forEach(icon => {
    icon.setAttribute("aria-hidden", "true");
    icon.querySelectorAll("title").forEach(title => title.remove());
  });
  bare();
  document.querySelectorAll(".theme-switch-button").forEach(button => {
    new MutationObserver(bare).observe(button, {childList: true, subtree: true});
  });
  // Names that the theme leaves out: the keys on the search button, and what an arrow in the menu opens.
  document.querySelectorAll(".search-button-field").forEach(button => {
    button.setAttribute("aria-label", button.textContent.replace(/\s+/g, " ").trim());
  });
  document.querySelectorAll("summary[aria-label='Toggle hidden content']").forEach(fold => fold.removeAttribute("aria-label"));
  document.querySelectorAll(".has-children > details > summary").forEach(arrow => {
    arrow.setAttribute("aria-label", arrow.closest("li").querySelector("a").textContent.trim());
  });
});
addEventListener("resize", reach);
