// Tells those who hear the page what happens: each search, and the answer by whole sentences or
// lines, one batch at a time. Tokens are never announced, so nothing stutters and nothing is said twice.

import { ACTIVE } from "../answer.js";
import { h } from "../dom.js";
import { say } from "../strings.js";

const PAUSE = 1500; // ms between batches: a screen reader drops what changes while it speaks
const END = /[.!?]\s|[。！？\n]/g; // of a sentence or a line

export class Announcer {
  #queue = []; #timer = 0; #spoken = new Map(); #told = new Map(); #ended = false;

  constructor() {
    this.element = h("div", { class: "offscreen", role: "status", "aria-live": "polite", "aria-atomic": "true" });
  }

  /** Something in one go. */
  say(text) {
    if (!text) return;
    this.#queue.push(text);
    if (!this.#timer) this.#speak();
  }

  /** A new answer begins: what was said of the last one is over. */
  begin() {
    this.#queue = [];
    this.#spoken.clear();
    this.#told.clear();
    this.#ended = false;
  }

  /** What is new in an answer. */
  follow(answer) {
    answer.items.forEach((item, at) => {
      if (item?.type === "search") this.#search(item, at);
      if (item?.type === "text") this.#text(item, at);
    });
    if (!ACTIVE.has(answer.status) && !this.#ended) {
      this.#ended = true;
      this.say({ completed: say.announceDone, cancelled: say.announceStopped, incomplete: say.announceStopped }[answer.status] ?? say.announceBroken);
    }
  }

  #search(item, at) {
    if (this.#told.get(at) === item.stage) return;
    this.#told.set(at, item.stage);
    if (item.stage === "searching") this.say(say.announceSearching(item.query));
    if (item.stage === "failed") this.say(say.announceFailed);
    if (item.stage === "found") this.say(item.results.length ? say.announceFound(item.results.length, item.provider) : say.announceNothing);
  }

  #text({ text, done }, at) {
    const { said, looked } = this.#spoken.get(at) ?? { said: 0, looked: 0 };
    let end = done ? text.length : said;
    // Only what is new is looked at, and the character before: a stop counts once more follows.
    if (!done) for (const { index, 0: { length } } of text.slice(looked).matchAll(END)) end = looked + index + length;
    this.#spoken.set(at, { said: end, looked: Math.max(end, text.length - 1) });
    this.say(plain(text.slice(said, end)));
  }

  #speak() {
    const text = this.#queue.splice(0).join(" ");
    this.element.textContent = text;
    this.#timer = text ? setTimeout(() => { this.#timer = 0; if (this.#queue.length) this.#speak(); }, PAUSE) : 0;
  }
}

const plain = (text) => text.replace(/\[\d+(?:, ?\d+)*\]/g, "").replace(/[*_`#>|]+/g, "").replace(/\s+/g, " ").trim();
