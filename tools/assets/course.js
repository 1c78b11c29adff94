// What scrolls sideways must be within reach of the keyboard, and nothing else is a stop on its way.
const boxes = "div.cell_output, div.cell_output pre.columns, div.cell_output figure, .pst-scrollable-table-container, .highlight pre, mjx-container";
const reach = () => document.querySelectorAll(boxes).forEach(box => {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
});
// A column of numbers is set to the right, its heading as well, so that digits stand below digits.
const number = /^[-+−±]?[\d.,]*(e[-+]?\d+)?\s*(%|(±|to)\s*[-+−]?[\d.,]+)?$|^(nan|none|—)$/i;
const alignNumbers = () => document.querySelectorAll("div.cell_output table.dataframe").forEach(table => {
  const rows = [...table.tBodies].flatMap(body => [...body.rows]);
  const columns = Math.max(...rows.map(row => row.cells.length));
  const heads = [...(table.tHead?.rows ?? [])].filter(row => row.cells.length === columns);
  for (let k = 0; k < columns; k++) {
    const cells = rows.map(row => row.cells[row.cells.length - columns + k]).filter(cell => cell?.tagName === "TD");
    if (cells.length && cells.every(cell => number.test(cell.textContent.trim())))
      [...cells, ...heads.map(row => row.cells[k])].forEach(cell => cell.classList.add("number"));
  }
});
// A heat map or a coloured picture keeps its colours in the dark.
const keepColours = () => document.querySelectorAll("figure img[src^='data:image/svg+xml;base64,']").forEach(img => {
  if (/QuadMesh|<image/.test(atob(img.src.split(",")[1]))) img.closest("figure").classList.add("colours");
});
// What a cell prints wraps, unless several of its lines have columns; a short piece of code within a sentence stays whole.
const keepColumns = () => document.querySelectorAll("div.cell_output .output.stream pre, div.cell_output .output.text_plain pre").forEach(pre => {
  const lines = pre.textContent.split("\n").filter(line => /\S {3,}\S/.test(line));
  pre.classList.toggle("columns", lines.length > 1);
});
const keepShortCode = () => document.querySelectorAll("p code").forEach(code => {
  code.classList.toggle("short", code.textContent.length <= 24);
});
addEventListener("load", () => {
  keepColumns();
  keepShortCode();
  alignNumbers();
  keepColours();
  reach();
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
