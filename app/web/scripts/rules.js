// What Markdown may say in an answer: marked's rules, less raw HTML and pictures, plus citations
// and mathematics. A citation has been put in as a pair of private characters around its place in
// the list of annotations (see prose.js), so that only what the gateway confirmed becomes one.

import { Lexer, Marked, Parser } from "../vendor/prose.js";
import { isLink } from "./links.js";

export const OPEN = "\uE000";
export const CLOSE = "\uE001";
const DEEPEST = 12; // Levels of quotes and lists; nobody reads more, and parsers recurse.
const TOO_DEEP = new RegExp(
  String.raw`^((?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])){${DEEPEST}})([ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t]).*)$`, "gm",
);
const LOOKALIKES = { ">": "\u203A", "-": "\u2010", "+": "\uFF0B", "*": "\u2217", ".": "\u2024", ")": "\uFF09" };
const MANY = /([[\]*_~`!<$\\(])\1{39,}/g;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escape = (text) => text.replace(/[&<>"']/g, (char) => escapes[char]);

const citation = {
  name: "citation",
  level: "inline",
  start: (text) => { const at = text.indexOf(OPEN); return at < 0 ? undefined : at; },
  tokenizer(text) {
    const match = /^\uE000(\d+)\uE001/.exec(text);
    return match ? { type: "citation", raw: match[0], group: match[1] } : undefined;
  },
  renderer: ({ group }) => `<sup class="cite">${group}</sup>`,
};

const inlineMath = {
  name: "inlineMath",
  level: "inline",
  start: (text) => { const at = text.search(/\$|\\\(/); return at < 0 ? undefined : at; },
  tokenizer(text) {
    // As Pandoc has it: a dollar that touches its formula, and no digit behind the closing one.
    const match = /^\$(?![\s$])((?:\\[^\n]|[^\\$\n]){0,500}?[^\s\\$])\$(?!\d)/.exec(text)
      ?? /^\$([^\s\\$])\$(?!\d)/.exec(text)
      ?? /^\\\(((?:[^\\\n]|\\(?!\))[^\n]){1,1000}?)\\\)/.exec(text);
    return match ? { type: "inlineMath", raw: match[0], tex: match[1] } : undefined;
  },
  renderer: ({ tex }) => `<span class="math-inline">${escape(tex)}</span>`,
};

const blockMath = {
  name: "blockMath",
  level: "block",
  start: (text) => { const at = text.search(/\n {0,3}(?:\$\$|\\\[)/); return at < 0 ? undefined : at + 1; },
  tokenizer(text) {
    const match = /^ {0,3}\$\$((?:[^$]|\$(?!\$)){1,4000}?)\$\$[ \t]*(?:\n|$)/.exec(text)
      ?? /^ {0,3}\\\[((?:[^\\]|\\(?!\])){1,4000}?)\\\][ \t]*(?:\n|$)/.exec(text);
    return match ? { type: "blockMath", raw: match[0], tex: match[1].trim() } : undefined;
  },
  renderer: ({ tex }) => `<p><span class="math-block">${escape(tex)}</span></p>\n`,
};

let budget = 0; // Times that emphasis may still be looked for.

const marked = new Marked({
  gfm: true,
  extensions: [citation, inlineMath, blockMath],
  tokenizer: {
    html: () => undefined,
    tag: () => undefined,
    // Emphasis in emphasis in emphasis is parsed over and over: past any honest use, it is text.
    emStrong: () => (budget-- > 0 ? false : undefined),
  },
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ text, href }) => `<span class="picture">${escape(text || href)}</span>`,
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens);
      return isLink(href) ? `<a href="${escape(href)}">${inner}</a>` : `<span>${inner}</span>`;
    },
    code: ({ text, lang }) => {
      const name = /^[\w+#.-]{1,30}/.exec(lang ?? "")?.[0];
      const language = name ? ` class="language-${escape(name)}"` : "";
      return `<pre><code${language}>${escape(text)}\n</code></pre>\n`;
    },
  },
});

/** Markdown -> marked's tokens. `links`: the targets that earlier blocks defined. */
export function tokens(text, links) {
  budget = 300 + text.length / 4;
  const lexer = new Lexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  return lexer.lex(tamed(text));
}

/** Tokens -> markup, still to be made safe. */
export const markup = (list) => Parser.parse(list, marked.defaults);

/** The same text, as long as before, with nesting past all reason flattened. */
export function tamed(text) {
  return text
    .replace(TOO_DEEP, (line, head, rest) =>
      /^[-*+ \t]*$/.test(line) ? line : head + rest.replace(/[>\-+*.)]/g, (char) => LOOKALIKES[char]))
    .replace(MANY, (run) => (/^[`~]/.test(run) ? run : run.replace(/./g, "\u00B7")));
}

