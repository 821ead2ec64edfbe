// A conversation as a file to keep: Markdown to read, JSON to work with. Pure but for `download`.

import { passages, prose } from "./answer.js";

export function asMarkdown(title, turns) {
  const out = [`# ${title}`, ""];
  for (const { ask, answer } of turns) {
    if (ask) out.push(...ask.text.split("\n").map((line) => `> ${line}`), "");
    if (!answer) continue;
    for (const item of answer.items) {
      if (item.type === "search") out.push(`*Searched: ${item.query || "?"}${item.provider ? ` (${item.provider})` : ""}*`, "");
      else if (item.type === "text") out.push(item.text.trim(), "");
    }
    const found = passages(answer);
    const cited = [...found.values()].filter(({ number }) => cites(prose(answer), number));
    if (cited.length) {
      out.push(...cited.map(({ number, title: name, url, date }) =>
        `[${number}] ${name}${date ? ` (${date})` : ""} <${url}>`).join("\n").split("\n"), "");
    }
  }
  return `${out.join("\n").trim()}\n`;
}

export function asJson(conversation, items) {
  return `${JSON.stringify({ conversation, items }, null, 2)}\n`;
}

const cites = (text, number) => new RegExp(String.raw`\[(?:\d+, ?)*${number}(?:, ?\d+)*\]`).test(text);

/** A name for the file, of letters that every disk takes. */
export const fileName = (title, suffix) =>
  `${title.normalize("NFC").replace(/[^\p{L}\p{N} _-]+/gu, "").trim().replace(/\s+/g, "-").slice(0, 60) || "conversation"}.${suffix}`;

export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
