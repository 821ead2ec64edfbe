// The inside of one answer: its legs and what each cost, its times, its searches.

import { h, iconButton } from "../dom.js";
import { prefs } from "../prefs.js";
import { say } from "../strings.js";

export class Inside {
  #confidence = () => false;

  constructor(onClose) {
    this.content = h("div", { class: "inside-content" });
    this.title = h("h2", { id: "inside-title", tabindex: "-1" }, say.insideTitle);
    this.element = h("aside", { class: "inside", "aria-labelledby": "inside-title", hidden: true },
      h("header", {}, this.title, iconButton("close", say.close, onClose)), this.content);
  }

  /** @param confidence (shown) -> whether it could be shown */
  show(answer, confidence) {
    this.#confidence = confidence;
    this.content.replaceChildren(...(answer ? this.#parts(answer) : [h("p", { class: "note" }, say.insideNone)]));
  }

  #parts(answer) {
    const usage = answer.usage;
    const first = answer.first && answer.began && answer.timed !== false ? answer.first - answer.began : null;
    const searches = answer.items.filter((item) => item?.type === "search");
    return [
      h("dl", { class: "facts" },
        fact(say.status, say.statuses[answer.status] ?? answer.status),
        answer.model && fact(say.model, answer.model),
        first !== null && fact(say.firstToken, say.ms(first)),
        usage && fact(say.generatedInAll, `${say.number(usage.generated_tokens ?? usage.output_tokens)} ${say.tokens}`),
        usage?.injected_tokens !== undefined && fact(say.injectedInAll, `${say.number(usage.injected_tokens)} ${say.tokens}`),
        usage && fact(say.promptInAll, `${say.number(usage.input_tokens)} ${say.tokens}`),
        usage?.dropped_citations > 0 && fact(say.droppedCitations, say.number(usage.dropped_citations)),
        usage?.stray_markers > 0 && fact(say.strayMarkers, say.number(usage.stray_markers)),
        answer.id && fact(say.responseId, h("code", {}, answer.id))),
      usage?.legs?.length ? legs(usage.legs) : !usage && h("p", { class: "note" }, say.insideGone),
      searches.length > 0 && h("section", {}, h("h3", {}, say.searches), h("ul", { class: "plain" }, searches.map(searchLine))),
      this.#toggle(answer),
    ].filter(Boolean);
  }

  #toggle(answer) {
    const known = answer.items.some((item) => item?.scores?.length);
    const on = prefs.get("confidence", false);
    this.#confidence(on);
    const later = h("p", { class: "note", hidden: known || !on }, say.confidenceLater);
    return h("section", {}, h("label", { class: "switch" }, h("input", { type: "checkbox", checked: on, onchange: (event) => {
      prefs.set("confidence", event.target.checked);
      this.#confidence(event.target.checked);
      later.hidden = known || !event.target.checked;
    } }), say.confidence), h("p", { class: "note", hidden: !known }, say.confidenceHint), later);
  }
}

const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function legs(list) {
  const most = Math.max(...list.map((leg) => leg.prompt_tokens + leg.generated_tokens + leg.injected_tokens));
  return h("section", {}, h("h3", {}, say.legs), h("ol", { class: "legs" }, list.map((leg, at) => {
    const cached = leg.cached_tokens ?? 0;
    const bar = h("span", { class: "bar", "aria-hidden": "true" },
      ...[["cached", cached], ["prompt", Math.max(0, leg.prompt_tokens - cached)], ["generated", leg.generated_tokens], ["injected", leg.injected_tokens]]
        .map(([name, size]) => {
          const part = h("i", { class: `part-${name}` });
          part.style.inlineSize = `${(100 * size) / most}%`;
          return part;
        }));
    const numbers = [
      leg.cached_tokens !== null && ["cached", say.cached, cached], ["prompt", say.prompt, Math.max(0, leg.prompt_tokens - cached)],
      ["generated", say.generated, leg.generated_tokens], leg.injected_tokens > 0 && ["injected", say.injected, leg.injected_tokens],
    ].filter(Boolean).map(([kind, name, size]) => h("span", { class: `key part-${kind}` }, `${say.number(size)} ${name}`));
    return h("li", {}, h("p", { class: "leg-head" }, h("strong", {}, say.leg(at + 1)),
      leg.resume_ms !== null && h("span", {}, `${say.resume} ${say.ms(leg.resume_ms)}`)), bar, h("p", { class: "leg-numbers" }, numbers));
  })), h("p", { class: "note" }, say.legsHint));
}

function searchLine(item) {
  const how = item.stage === "failed" ? say.searchFailed(item.failure ?? "?")
    : `${item.results.length ? say.results(item.results.length) : say.nothingFound}${item.provider ? ` ${say.from(item.provider)}` : ""}`;
  return h("li", {}, h("q", { dir: "auto" }, item.query), h("span", { class: "card-where" },
    [how, item.elapsed !== null && say.ms(item.elapsed), item.cached && say.fromCache].filter(Boolean).join(" · ")));
}
