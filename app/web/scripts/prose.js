// Renders Markdown while it is being written: only the block that is still open is looked at again.
//
// Blocks that are over freeze: their source is not read again and their nodes stay. Long lists and
// tables freeze item by item, an open paragraph or block of code only grows (pieces.js). Rendering,
// layout included, takes a quarter of the time at most: no block, however large, makes the page stutter.

import { Blocks } from "./blocks.js";
import { CLOSE, OPEN, tokens } from "./rules.js";

const SHARE = 3; // Times as long as the last frame took is waited before the next,
const LONGEST_REST = 500; // and at most so many ms: a frame may have been long for other reasons.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uE000\uE001]/g;

export class Prose {
  groups = []; // [{start, end, unit, text, annotations}]: citations, in the order of their places
  #blocks;
  #given = ""; // as it came
  // As it is parsed (control characters replaced, citations as their marks), in three parts:
  #over = []; // the blocks that are over
  #begun = ""; // of the block that is open, the items or rows that are over
  #rest = ""; // what is still read
  #frozen = 0; // where the rest begins
  #head = ""; // a table's first lines, when its first rows are over
  #shift = 0; // how much longer the source is than what was given
  #place = { code: 0, unit: 0 }; // the last offset that was converted
  #links = Object.create(null);
  #dirty = false; #done = false; #frame = 0; #timer = 0; #rested = 0;

  /**
   * @param into the element that holds the blocks
   * @param dress (root, prose): makes citations, links and formulas of nodes that are safe
   * @param settle (node): called once for each node that won't change any more
   */
  constructor(into, { dress = () => {}, settle = () => {} } = {}) {
    this.#blocks = new Blocks(into, (root) => dress(root, this), settle);
  }

  get text() { return this.#given; }

  /** More of the text, as the model wrote it. */
  append(text) {
    this.#given += text;
    this.#rest += text.replaceAll("\r", " ").replace(CONTROL, "\uFFFD");
    this.#wake();
  }

  /** A citation; offsets are code points of the whole text, and they come in order. */
  cite(annotation) {
    const { start_index: start, end_index: end } = annotation;
    const last = this.groups.at(-1);
    if (last && last.start === start && last.end === end) {
      last.annotations.push(annotation);
      this.#thawFrom(last.at);
    } else {
      const from = this.#unit(start), to = this.#unit(end);
      if (from === null || to === null || from >= to || start < (last?.end ?? 0)) return;
      const mark = `${OPEN}${this.groups.length}${CLOSE}`;
      const at = from + this.#shift;
      this.groups.push({ start, end, at, unit: from, text: this.#given.slice(from, to), annotations: [annotation] });
      this.#thawFrom(at);
      const here = at - this.#frozen;
      this.#rest = this.#rest.slice(0, here) + mark + this.#rest.slice(here + to - from);
      this.#shift += mark.length - (to - from);
    }
    this.#wake();
  }

  /** The text is complete: everything freezes. */
  finish() {
    this.#done = true;
    this.flush();
  }

  /** Render what is new, now. */
  flush() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = 0;
    this.#dirty = false;
    this.#render();
  }

  #draw() {
    const began = performance.now();
    this.flush();
    // The next task comes when the frame is laid out and painted.
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      const ended = performance.now();
      this.#rested = ended + Math.min(SHARE * (ended - began), LONGEST_REST);
      if (this.#dirty) this.#wake();
    });
  }

  #wake() {
    this.#dirty = true;
    if (this.#frame || this.#timer) return;
    const wait = this.#rested - performance.now();
    if (wait > 4) this.#timer = setTimeout(() => { this.#timer = 0; this.#wake(); }, wait);
    else this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Code points -> UTF-16 units, from the last place that was asked for. */
  #unit(code) {
    let { code: at, unit } = code >= this.#place.code ? this.#place : { code: 0, unit: 0 };
    while (at < code && unit < this.#given.length) {
      unit += this.#given.codePointAt(unit) > 0xffff ? 2 : 1;
      at += 1;
    }
    if (at !== code) return null;
    this.#place = { code: at, unit };
    return unit;
  }

  /** What stands at `at` is other than it was rendered: begin again at its block, where that is over. */
  #thawFrom(at) {
    this.#blocks.forget();
    if (at >= this.#frozen) return;
    this.#blocks.clear();
    this.#frozen -= this.#begun.length;
    this.#rest = this.#begun + this.#rest;
    this.#begun = this.#head = "";
    while (at < this.#frozen) {
      const raw = this.#over.pop();
      this.#blocks.thaw();
      this.#frozen -= raw.length;
      this.#rest = raw + this.#rest;
    }
  }

  #render() {
    const found = this.#tokens(this.#head + this.#rest);
    this.#blocks.show(found);
    const last = found.findLastIndex((token) => token.type !== "space");
    // Half a line may turn out to belong to the block before it: wait for its end.
    const settled = found.slice(0, this.#done ? found.length : found[last]?.raw.includes("\n") ? last : 0);
    for (const { type, tag, href, title } of settled) {
      if (type === "def") this.#links[tag] ??= { href, title };
    }
    this.#freeze(settled);
    if (!this.#done) this.#shorten();
    this.#blocks.mark(!this.#done);
  }

  #tokens(source) {
    try {
      const found = tokens(source, this.#links);
      if (found.reduce((sum, token) => sum + token.raw.length, 0) === source.length) return found;
    } catch {
      // A parser that gives up is no reason to: the text is shown as it is.
    }
    return [{ type: "text", raw: source, text: source, escaped: false }];
  }

  #freeze(settled) {
    for (const { raw } of settled) {
      const length = raw.length - this.#head.length;
      this.#over.push(this.#begun + this.#rest.slice(0, length));
      this.#rest = this.#rest.slice(length);
      this.#frozen += length;
      this.#begun = this.#head = "";
    }
    this.#blocks.freeze(settled.length);
  }

  #shorten() {
    const { length, head } = this.#blocks.shorten();
    if (!length) return;
    this.#begun += this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    this.#frozen += length;
    this.#head = head;
  }
}
