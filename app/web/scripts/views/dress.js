// Makes code, formulas, tables and citations of what the Markdown rules left as plain nodes.
//
// The libraries for code and formulas are fetched when the first of them is there. What they make
// of a text is nodes of their own; code is coloured in code.js.

import { colour } from "../code.js";
import { copy, h, icon } from "../dom.js";
import { say } from "../strings.js";

const formulas = new Map(); // tex -> node, so that a block rendered anew is not typeset anew
let typesetter = null;

/** Nodes that are safe -> nodes to read; `onCite(element, group)` makes a citation. */
export function dress(root, prose, onCite) {
  for (const mark of root.querySelectorAll("sup.cite")) {
    const group = prose.groups[Number(mark.textContent)];
    if (group) onCite(mark, group);
    else mark.remove();
  }
  for (const formula of root.querySelectorAll(".math-inline, .math-block")) typeset(formula);
  for (const picture of root.querySelectorAll(".picture")) picture.title = say.pictureLeftOut;
  for (const block of root.querySelectorAll("p, li, h1, h2, h3, h4, h5, h6, td, th, blockquote")) block.dir = "auto";
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6")) lowered(heading, prose);
  for (const table of root.querySelectorAll("table")) {
    const frame = h("div", { class: "table", role: "region", tabindex: "0", "aria-label": say.table });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const pre of root.querySelectorAll("pre")) framed(pre);
  for (const box of root.querySelectorAll("input[type=checkbox]")) box.ariaLabel = box.parentElement?.textContent.trim() || "☐";
}

/** What a node becomes once it won't change any more. */
export function settle(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const code of node.querySelectorAll("pre > code[class*=language-]")) colour(code);
}

// An answer's own headings stand below the question's, and leave out no level.
function lowered(heading, prose) {
  const level = Number(heading.nodeName[1]);
  prose.top = Math.min(prose.top ?? level, level);
  heading.setAttribute("role", "heading");
  heading.setAttribute("aria-level", String((prose.deepest = Math.min(3 + level - prose.top, (prose.deepest ?? 2) + 1, 6))));
}

function framed(pre) {
  const code = pre.querySelector("code");
  const language = /language-([\w+#.-]+)/.exec(code?.className ?? "")?.[1] ?? "";
  const button = h("button", { type: "button", class: "icon-button small", "aria-label": say.copyCode, title: say.copyCode }, icon("copy"));
  button.addEventListener("click", () => copy(button, code.textContent.replace(/\n$/, ""), say.copied));
  const frame = h("div", { class: "code" }, h("div", { class: "code-head" }, h("span", {}, language || say.code), button));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", language ? `${say.code}, ${language}` : say.code);
  pre.dir = "ltr";
  pre.replaceWith(frame);
  frame.append(pre);
}

function typeset(formula) {
  const tex = formula.textContent, block = formula.classList.contains("math-block");
  const key = `${block}${tex}`;
  const known = formulas.get(key);
  formula.dir = "ltr";
  if (known) return void formula.replaceChildren(known.cloneNode(true));
  typesetter ??= load();
  typesetter.then((katex) => {
    const holder = document.createElement("span");
    katex.render(tex, holder, {
      displayMode: block, throwOnError: false, errorColor: "currentColor", trust: false, maxExpand: 200, maxSize: 20,
      strict: "ignore",
    });
    if (formulas.size > 500) formulas.clear();
    formulas.set(key, holder);
    formula.replaceChildren(holder.cloneNode(true));
  }).catch(() => {}); // The formula stays readable as it was written.
}

async function load() {
  const base = new URL("../../vendor/", import.meta.url);
  document.head.append(h("link", { rel: "stylesheet", href: new URL("katex.css", base).pathname }));
  return (await import("../../vendor/katex.js")).default;
}
