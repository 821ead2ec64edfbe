// A conversation's items -> turns: what was asked, and the answer to it. Pure.
//
// An item of an answer is named for the answer it belongs to: `msg_` + its response's own part + two
// digits for its place. So the items of one answer are found, and with them the response itself.

import { ofItems } from "./answer.js";

const NAME = /^[a-z]+_([0-9a-f]{48})[0-9a-f]{2}$/;

/** The response that put out an item; null where that can't be seen. */
export function responseOf(item) {
  const match = NAME.exec(item.id ?? "");
  return match && item.role !== "user" ? `resp_${match[1]}` : null;
}

export const textOf = (item) => {
  if (typeof item.content === "string") return item.content;
  return (item.content ?? []).map((part) => part.text ?? part.refusal ?? "").join("");
};

/** [{ask: {id, text}, answer, from}], `from` being where the turn begins in the items. */
export function turns(items) {
  const found = [];
  items.forEach((item, at) => {
    if (item.type === "message" && item.role === "user") {
      found.push({ ask: { id: item.id, text: textOf(item) }, items: [], from: at });
    } else if (item.role !== "system" && item.role !== "developer") {
      if (!found.length) found.push({ ask: null, items: [], from: at });
      found.at(-1).items.push(item);
    }
  });
  return found.map(({ ask, items: own, from }) => {
    const id = own.map(responseOf).find(Boolean) ?? null;
    return { ask, from, answer: own.length ? ofItems(id, own) : null };
  });
}

/** A title for a conversation: the beginning of its first question, cut between words. */
export function titleOf(question, most = 60) {
  const line = question.replace(/\s+/g, " ").trim();
  if ([...line].length <= most) return line;
  const head = [...line].slice(0, most - 1).join("");
  const space = head.lastIndexOf(" ");
  return `${space > most / 2 ? head.slice(0, space) : head}…`;
}
