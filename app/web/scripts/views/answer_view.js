// One answer on the page, kept in step with the answer as it grows. Only what changed is touched.

import { ACTIVE, passages, prose as proseOf } from "../answer.js";
import { h, icon, show } from "../dom.js";
import { Prose } from "../prose.js";
import { isLink } from "../links.js";
import { say } from "../strings.js";
import { cite } from "./cards.js";
import { dress, settle } from "./dress.js";
import { SearchView } from "./search_view.js";
import { underline } from "./confidence.js";

export class AnswerView {
  #views = []; #answer = null; #passages = new Map(); #onAgain;

  /** @param onAgain () -> void: the user wants a broken answer made anew */
  constructor(onAgain) {
    this.#onAgain = onAgain;
    this.body = h("div", { class: "answer-body" });
    this.waiting = h("p", { class: "waiting" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { class: "offscreen" }, say.waiting));
    this.foot = h("div", { class: "answer-foot" });
    this.element = h("article", { class: "answer", "aria-label": say.orson, "aria-busy": "true" }, this.body, this.waiting, this.foot);
  }

  get answer() { return this.#answer; }

  /** @param lost whether the line to the gateway is lost for the moment */
  update(answer, lost = false) {
    const active = ACTIVE.has(answer.status);
    if (answer !== this.#answer) {
      if (answer.items.some((item, at) => item?.type === "search" && item !== this.#answer?.items[at])) this.#passages = passages(answer);
      answer.items.forEach((item, at) => { if (item) this.#item(item, at); });
    }
    const before = this.#answer;
    this.#answer = answer;
    const started = answer.items.some(Boolean);
    show(this.waiting, active && !started);
    this.element.setAttribute("aria-busy", String(active));
    this.element.dataset.status = answer.status;
    this.element.classList.toggle("writing", active && answer.items.at(-1)?.type === "text");
    this.element.classList.toggle("lost", lost);
    if (!active && (before === null || ACTIVE.has(before.status) || before.usage !== answer.usage || before.error !== answer.error)) this.#end(answer);
    else if (active) this.foot.replaceChildren(...(lost ? [h("p", { class: "note lost-note" }, say.lost)] : []));
  }

  /** Show or hide how sure the model was of each token. False where that isn't known. */
  confidence(shown) {
    return this.#views.map((view) => view?.prose && underline(view.element, view.item, shown)).some(Boolean);
  }

  #item(item, at) {
    const view = (this.#views[at] ??= this.#place(this.#make(item), at));
    if (view.item === item) return;
    view.update(item);
    view.item = item;
  }

  #place(view, at) {
    const next = this.#views.slice(at + 1).find(Boolean)?.element ?? null;
    this.body.insertBefore(view.element, next);
    return view;
  }

  #make(item) {
    if (item.type === "search") {
      const search = new SearchView();
      return { element: search.element, update: (now) => search.update(now), end: () => search.end() };
    }
    if (item.type === "thought") return thought();
    if (item.type !== "text") return { element: h("div", { hidden: true }), update() {} };
    const element = h("div", { class: "prose" });
    let prose, said, cited;
    const begin = () => {
      element.replaceChildren();
      prose = new Prose(element, { dress: (root) => dress(root, prose, (mark, group) => cite(mark, group, prose.text, this.#passages)), settle });
      said = "";
      cited = 0;
    };
    begin();
    return {
      element, prose: true,
      update(now) {
        if (now.text.length < said.length || (now.done && !now.text.startsWith(said))) begin(); // What was stored is not what streamed: the store is right.
        if (now.text.length > said.length) prose.append(now.text.slice(said.length));
        said = now.text;
        for (; cited < now.annotations.length; cited += 1) prose.cite(now.annotations[cited]);
        if (now.done) prose.finish();
      },
      end() { prose.finish(); },
    };
  }

  #end(answer) {
    for (const view of this.#views) view?.end?.();
    const text = proseOf(answer);
    const unknown = answer.status === "completed" && say.unknownPattern.test(text);
    this.element.classList.toggle("unknown", unknown);
    this.foot.replaceChildren(...[
      unknown && this.#honest(answer),
      answer.status === "cancelled" && h("p", { class: "note" }, say.stopped),
      answer.status === "incomplete" && h("p", { class: "note" }, answer.reason === "max_output_tokens" ? say.full : say.partial),
      answer.status === "failed" && this.#broken(answer),
      this.#sources(answer, text),
      answer.status === "completed" && !unknown && text && !answer.items.some((item) => item.type === "search")
        && h("p", { class: "note" }, say.fromMemory),
    ].filter(Boolean));
  }

  #honest(answer) {
    const queries = answer.items.filter((item) => item.type === "search" && item.query).map((item) => `“${item.query}”`);
    return h("p", { class: "honest" }, icon("empty"),
      h("span", {}, h("strong", {}, say.unknown), " ", queries.length ? say.unknownSearched(queries.join(", ")) : say.unknownUnsearched));
  }

  #broken(answer) {
    const why = answer.error?.message ? say.errors.other(answer.error.message) : say.gatewayGone;
    return h("div", { class: "broken", role: "group" }, h("p", {}, h("strong", {}, say.broken), ` ${why}`),
      h("button", { type: "button", class: "button", onclick: () => this.#onAgain() }, icon("again"), say.again));
  }

  #sources(answer, text) {
    const found = [...this.#passages.values()];
    const numbers = new Set([...text.matchAll(/\[(\d+(?:, ?\d+)*)\]/g)].flatMap((match) => match[1].split(",").map(Number)));
    const hasCitations = answer.items.some((item) => item.type === "text" && item.annotations.length);
    const cited = hasCitations ? found.filter(({ number }) => numbers.has(number)) : [];
    if (!cited.length) return null;
    const rest = found.length - cited.length;
    return h("section", { class: "sources", "aria-label": say.sources },
      h("h3", {}, say.sources), h("ol", {}, cited.map(sourceLine)), rest > 0 && h("p", { class: "also" }, say.alsoFound(rest)));
  }
}

function sourceLine({ number, title, url, site, date }) {
  const where = [site, date && say.date(date)].filter(Boolean).join(" · ");
  const name = h("span", { class: "source-title", dir: "auto" }, title || url);
  return h("li", {}, h("span", { class: "card-number", "aria-hidden": "true" }, String(number)),
    isLink(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, name) : h("span", { title: url }, name),
    h("span", { class: "card-where" }, where || say.localSource));
}

function thought() {
  const text = h("p", { class: "thought-text", dir: "auto" });
  const lead = h("summary", {}, say.thinking);
  const element = h("details", { class: "thought" }, lead, text);
  return { element, update(item) {
    text.textContent = item.text;
    lead.textContent = item.done ? say.thought : say.thinking;
  }, end() { lead.textContent = say.thought; } };
}
