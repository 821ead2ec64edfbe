// Blocks that are still open: what of them can stay when their source grew, and what can freeze.
//
// A piece is one block's nodes. `update(token)` says whether the piece could become that token; a
// piece that couldn't is replaced. What gets long grows in place: paragraphs, lists, tables, code.

import { written } from "./code.js";
import { escape, markup } from "./rules.js";
import { safe } from "./safe.js";

const GROWING = new Set(["paragraph", "blockquote"]);
const LONG = 12; // Items or rows; a longer block freezes all but its last ones.
const KEPT_OPEN = 2; // The last ones may still change.

/** One block's piece, its nodes not yet in the document. */
export function piece(token, dress) {
  if (token.type === "list") return new List(token, dress);
  if (token.type === "table") return new Table(token, dress);
  if (token.type === "code") return new Code(token, dress);
  return new Block(token, dress);
}

class Block {
  anchored = false; // A part of it is frozen: its nodes stay whatever follows.

  constructor(token, dress) {
    this.type = token.type;
    this.raw = token.raw;
    this.dress = dress;
    this.nodes = [...rendered([token], dress).childNodes];
  }

  update(token) {
    if (token.type !== this.type) return false;
    if (token.raw === this.raw) return true;
    return GROWING.has(token.type) && this.#become(token);
  }

  /** The next update makes it anew, even of the same source: it means something else now. */
  forget() { this.raw = null; }

  /** Freeze what won't change any more; gives the length of its source. */
  shorten() { return 0; }

  #become(token) {
    const [old] = this.nodes, [fresh] = rendered([token], this.dress).childNodes;
    if (old?.nodeName !== fresh?.nodeName) return false;
    grow(old, fresh);
    this.raw = token.raw;
    return true;
  }
}

class Code extends Block {
  constructor(token, dress) {
    super(token, dress);
    this.lang = token.lang;
    this.code = this.nodes.map((node) => node.querySelector?.("code")).find(Boolean);
    if (this.code) written(this.code, token.text);
  }

  update(token) {
    if (super.update(token)) return true;
    if (token.type !== "code" || token.lang !== this.lang || !this.code) return false;
    written(this.code, token.text);
    this.raw = token.raw;
    return true;
  }
}

class Growing extends Block {
  parts = []; // [{raw, node}], those not frozen

  constructor(token, dress, holder) {
    super(holder, dress);
  }

  grow(token, raws, render) {
    raws.forEach((raw, at) => {
      const old = this.parts[at];
      if (old?.raw === raw) return;
      const node = render(at);
      if (old) old.node.replaceWith(node);
      else this.body.append(node);
      this.parts[at] = { raw, node };
    });
    for (const { node } of this.parts.splice(raws.length)) node.remove();
    this.raw = token.raw;
  }

  forget() {
    super.forget();
    for (const part of this.parts) part.raw = null;
  }

  take() {
    if (this.parts.length <= LONG) return [];
    this.anchored = true;
    this.raw = null;
    return this.parts.splice(0, this.parts.length - KEPT_OPEN);
  }
}

class List extends Growing {
  constructor(token, dress) {
    super(token, dress, { ...token, items: [] });
    this.body = this.nodes.find((node) => /^[OU]L$/.test(node.nodeName));
    this.ordered = token.ordered;
    this.#fill(token);
  }

  update(token) {
    if (super.update(token)) return true;
    if (token.type !== "list" || token.ordered !== this.ordered) return false;
    this.#fill(token);
    return true;
  }

  shorten() {
    return this.take().reduce((sum, { raw }) => sum + raw.length - 1, 0);
  }

  #fill(token) {
    // Whether items are loose shows in all of them: a change renders those that can still change.
    const kind = token.loose ? "+" : "-";
    this.grow(token, token.items.map((item) => item.raw + kind), (at) =>
      rendered([{ ...token, items: [token.items[at]] }], this.dress).querySelector("li"));
  }
}

class Table extends Growing {
  constructor(token, dress) {
    super(token, dress, { ...token, rows: [] });
    const table = this.nodes.map((node) => node.closest?.("table") ?? node.querySelector?.("table")).find(Boolean);
    this.body = table.tBodies[0] ?? table.createTBody();
    this.head = token.raw.split("\n", 2).map((line) => `${line}\n`).join("");
    this.#fill(token);
  }

  update(token) {
    if (super.update(token)) return true;
    if (token.type !== "table" || !token.raw.startsWith(this.head)) return false;
    this.#fill(token);
    return true;
  }

  shorten() {
    const first = this.anchored ? 0 : this.head.length;
    const taken = this.take();
    return taken.length ? first + taken.reduce((sum, { raw }) => sum + raw.length + 1, 0) : 0;
  }

  #fill(token) {
    const lines = token.raw.split("\n").slice(2, 2 + token.rows.length);
    this.grow(token, lines, (at) =>
      rendered([{ ...token, rows: [token.rows[at]] }], this.dress).querySelector("tbody tr"));
  }
}

/** What `old` holds becomes what `fresh` holds: nodes that say the same stay, and the text behind them gets longer. */
function grow(old, fresh) {
  const mine = [...old.childNodes], theirs = [...fresh.childNodes];
  let same = mine.findIndex((node, at) => !alike(node, theirs[at]));
  if (same < 0) same = mine.length;
  const node = mine[same], next = theirs[same];
  if (node?.nodeType === Node.TEXT_NODE && next?.nodeType === Node.TEXT_NODE && next.data.startsWith(node.data)) {
    node.appendData(next.data.slice(node.data.length));
    same += 1;
  } else if (node?.nodeName === "P" && next?.nodeName === "P") {
    grow(node, next);
    same += 1;
  }
  mine.slice(same).forEach((each) => each.remove());
  old.append(...theirs.slice(same));
}

/** A citation whose card is open is the same citation. */
function alike(node, fresh) {
  if (!fresh || node.isEqualNode(fresh)) return Boolean(fresh);
  if (node.ariaExpanded !== "true" || fresh.ariaExpanded !== "false") return false;
  fresh.ariaExpanded = "true";
  const same = node.isEqualNode(fresh);
  fresh.ariaExpanded = "false";
  return same;
}

function rendered(list, dress) {
  let html;
  try {
    html = markup(list);
  } catch {
    html = `<p>${escape(list.map((token) => token.raw).join(""))}</p>`; // A parser gave up; the text is still there.
  }
  const fragment = safe(html);
  dress(fragment);
  return fragment;
}
