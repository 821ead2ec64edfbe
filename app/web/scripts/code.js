// A block of code in parts of so many lines each, which the style sheet contains: the browser lays
// out the last one when the code gets longer, and colours come part by part.

import { h } from "./dom.js";
import { safe } from "./safe.js";

const LINES = 40;
const MOST = 60_000; // Characters; past that colours cost more than they give.

/** `code` says `text`; the parts that say it already stay. */
export function written(code, text) {
  const parts = sliced(text);
  if (code.firstChild?.nodeType === Node.TEXT_NODE) code.replaceChildren();
  parts.forEach((part, at) => {
    const letters = code.children[at]?.firstChild;
    if (!letters) code.append(h("span", { class: "lines" }, part));
    else if (letters.data !== part) extend(letters, part);
  });
  while (code.childElementCount > parts.length) code.lastElementChild.remove();
}

function extend(letters, text) {
  const kept = letters.data.length - 1; // But for the newline at its end.
  if (letters.data.slice(0, kept) === text.slice(0, kept)) letters.replaceData(kept, 1, text.slice(kept));
  else letters.data = text;
}

function sliced(text) {
  const lines = text.split("\n"), parts = [];
  for (let at = 0; at < lines.length; at += LINES) parts.push(`${lines.slice(at, at + LINES).join("\n")}\n`);
  return parts;
}

/** Colour code whose language is known; what the library makes goes through the same lock as all. */
export async function colour(code) {
  const language = /language-([\w+#.-]+)/.exec(code.className)?.[1];
  if (!language || code.textContent.length > MOST) return;
  const { default: highlighter } = await import("../vendor/highlight.js");
  if (!highlighter.getLanguage(language)) return;
  written(code, code.textContent.replace(/\n$/, ""));
  const { value } = highlighter.highlight(code.textContent, { language, ignoreIllegals: true });
  for (const [at, part] of parted(value).entries()) {
    if (!code.isConnected) return;
    code.children[at].replaceChildren(safe(part));
    await new Promise((resolve) => { setTimeout(resolve); }); // Each part in a task of its own.
  }
}

/** Markup of code in parts of so many lines; what is open at the end of one is opened again in the next. */
function parted(markup) {
  const parts = [], open = [];
  let part = "", lines = 0;
  for (const [piece] of markup.matchAll(/<\/?span[^>]*>|\n|[^<\n]+/g)) {
    part += piece;
    if (piece.startsWith("</")) open.pop();
    else if (piece.startsWith("<")) open.push(piece);
    else if (piece === "\n" && (lines += 1) % LINES === 0) {
      parts.push(part + "</span>".repeat(open.length));
      part = open.join("");
    }
  }
  return lines % LINES ? [...parts, part] : parts;
}
