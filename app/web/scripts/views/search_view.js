// One search, where it happened: the query as the model types it, who was asked and for how long,
// and what was found, as cards that open.

import { h, icon } from "../dom.js";
import { isLink } from "../links.js";
import { say } from "../strings.js";

export class SearchView {
  #item = null; #timer = 0;

  constructor() {
    this.query = h("q", { class: "query", dir: "auto" });
    this.note = h("span", { class: "search-note" });
    this.lead = h("span", { class: "search-lead" });
    this.head = h("button", { type: "button", class: "search-head", "aria-expanded": "false", onclick: () => this.toggle() },
      h("span", { class: "search-sign" }, icon("search")), this.lead, this.query, this.note, icon("down"));
    this.cards = h("ol", { class: "cards", "aria-label": say.searchDetails, hidden: true });
    this.element = h("section", { class: "search" }, this.head, this.cards);
  }

  update(item) {
    if (item === this.#item) return;
    const before = this.#item;
    this.#item = item;
    this.element.dataset.stage = item.stage === "found" && !item.results.length && !item.unknown ? "nothing" : item.stage;
    this.lead.textContent = { asking: say.asking, searching: say.searching, dropped: "" }[item.stage] ?? say.searchedFor;
    this.query.textContent = item.query.trim();
    this.query.hidden = !item.query.trim() && item.stage !== "asking";
    this.note.textContent = note(item);
    if (item.stage === "searching" && !this.#timer) this.#timer = setInterval(() => this.#tick(), 100);
    if (item.stage !== "searching") this.#untick();
    if (item.results !== before?.results) {
      this.cards.replaceChildren(...item.results.map(resultCard));
      this.toggle(item.results.length > 0);
    }
    this.head.disabled = !item.results.length;
  }

  /** An answer that ended in the middle of it. */
  end() { this.#untick(); }

  toggle(open = this.cards.hidden) {
    this.cards.hidden = !open;
    this.head.setAttribute("aria-expanded", String(open));
  }

  #tick() {
    const ms = performance.now() - (this.#item.since ?? performance.now());
    if (ms > 300) this.note.textContent = say.ms(Math.round(ms / 100) * 100);
  }

  #untick() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
}

function note(item) {
  const time = item.elapsed === null ? null : item.cached ? say.fromCache : say.ms(item.elapsed);
  const parts = {
    found: item.unknown ? [say.results_unknown]
      : [item.results.length ? say.results(item.results.length) : say.nothingFound,
        item.provider && (item.results.length ? say.from(item.provider) : say.inProvider(item.provider)), time],
    failed: [say.searchFailed(say.failedReasons[item.failure] ?? item.failure ?? "?"), item.provider && say.inProvider(item.provider), time],
    dropped: [say.dropped],
  }[item.stage] ?? [];
  return parts.filter(Boolean).join(" · ");
}

function resultCard(result) {
  const where = [result.site || host(result.url), result.date && say.date(result.date)].filter(Boolean).join(" · ");
  const text = h("p", { class: "card-text", dir: "auto" }, result.text);
  const link = isLink(result.url)
    ? h("a", { class: "card-link", href: result.url, target: "_blank", rel: "noopener noreferrer nofollow" }, say.openSource, icon("out"))
    : h("p", { class: "card-where" }, result.url);
  return h("li", { class: "card" }, h("details", {},
    h("summary", {},
      h("span", { class: "card-number" }, String(result.number)),
      h("span", { class: "card-main" },
        h("span", { class: "card-title", dir: "auto" }, result.title || result.url),
        h("span", { class: "card-where" }, where),
        h("span", { class: "card-snippet", dir: "auto" }, result.text.slice(0, 300))),
      icon("down")),
    text, link));
}

function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return "";
  }
}
