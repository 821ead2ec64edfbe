// The blocks of a text on the page: those that are over, which nothing touches again, and the pieces
// of those that are still open (pieces.js).
//
// A number of blocks share an element of their own, a stretch, that the style sheet contains: layout
// and paint of a stretch that is over are not gone through again, however long the text gets.

import { piece } from "./pieces.js";

const STRETCH = 12; // Blocks; those of the last stretch are laid out again with the one that is being written.

export class Blocks {
  #into; #dress; #settle;
  #over = []; // [nodes]: those that won't change
  #open = []; // pieces
  #last = null; // the element that is marked as the one being written

  /**
   * @param into the element that holds the blocks
   * @param dress (root): makes citations, links and formulas of nodes that are safe
   * @param settle (node): called once for each node that won't change any more
   */
  constructor(into, dress, settle) {
    this.#into = into;
    this.#dress = dress;
    this.#settle = settle;
  }

  /** The source that is still open is these tokens of Markdown; what of them is on the page stays. */
  show(found) {
    found.forEach((token, at) => {
      const old = this.#open[at];
      if (old?.update(token)) return;
      const made = piece(token, this.#dress);
      const next = this.#open.slice(at).flatMap((each) => (each.anchored ? [] : each.nodes))[0] ?? null;
      this.#place(made.nodes, next);
      if (old?.anchored) this.#open.splice(at, 0, made);
      else {
        if (old) this.#remove(old.nodes);
        this.#open[at] = made;
      }
    });
    for (const { nodes, anchored } of this.#open.splice(found.length)) if (!anchored) this.#remove(nodes);
  }

  /** The first blocks that are open are over. */
  freeze(count) {
    for (const { nodes } of this.#open.splice(0, count)) {
      this.#over.push(nodes);
      nodes.forEach(this.#settle);
    }
  }

  /** Freeze what is over of a long block; {length, head} of its source, the lines it goes on from. */
  shorten() {
    const first = this.#open[0];
    return { length: first?.shorten() ?? 0, head: first?.head ?? "" };
  }

  /** What is open is to be made again from what is shown next, the same or not. */
  forget() { this.#open.forEach((each) => each.forget()); }

  /** Nothing of what is open can stay. */
  clear() { this.#open.splice(0).forEach(({ nodes }) => this.#remove(nodes)); }

  /** The last block that was over is taken away. */
  thaw() { this.#remove(this.#over.pop()); }

  /** The block that is being written has a class of its own: a caret stands behind it. */
  mark(writing) {
    const block = writing ? (this.#into.lastElementChild?.lastElementChild ?? null) : null;
    if (block === this.#last) return;
    this.#last?.classList.remove("open");
    if (this.#last?.classList.length === 0) this.#last.removeAttribute("class");
    block?.classList.add("open");
    this.#last = block;
  }

  #place(nodes, next) {
    if (next) return void next.before(...nodes);
    let stretch = this.#into.lastElementChild;
    for (const node of nodes) {
      if (!stretch || (node.nodeType === Node.ELEMENT_NODE && stretch.childElementCount >= STRETCH)) {
        stretch = document.createElement("div");
        stretch.className = "stretch";
        this.#into.append(stretch);
      }
      stretch.append(node);
    }
  }

  #remove(nodes) {
    for (const node of nodes) {
      const stretch = node.parentElement;
      node.remove();
      if (!stretch.hasChildNodes()) stretch.remove();
    }
  }
}
