// Citations: small numbers in the text, each with a card that shows the passage it stands for.

import { h, icon } from "../dom.js";
import { isLink } from "../links.js";
import { say } from "../strings.js";
import { claim, marked, support } from "../support.js";

const DELAY = 120, LINGER = 220; // ms: not for a pointer that passes by; time to move onto the card

let card = null, timer = 0, shown = null;

/** Make the numbers of one citation: buttons, marked where the passage doesn't say it. */
export function cite(mark, group, answerText, passages) {
  const numbers = group.text.match(/\d+/g) ?? [];
  const sentence = claim(answerText, group.unit);
  group.annotations.forEach((annotation, at) => {
    const number = Number(numbers.length === group.annotations.length ? numbers[at] : numbers[0]) || at + 1;
    const source = passages.get(number) ?? { number, title: annotation.title, url: annotation.url, text: "", site: "", date: null };
    const judged = source.text ? support(sentence, `${source.title} ${source.text}`) : null;
    const doubtful = judged !== null && !judged.supported;
    const label = say.sourceOf(number, source.title) + (doubtful ? `. ${say.unsupported}` : "");
    const button = h("button", {
      type: "button", class: doubtful ? "cite-number doubtful" : "cite-number", "aria-label": label, "aria-haspopup": "dialog",
      "aria-expanded": "false", "data-number": String(number),
    }, String(number));
    const open = () => show(button, source, sentence, judged);
    button.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") later(open, DELAY); });
    button.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") later(hide, LINGER); });
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) open(); });
    button.addEventListener("blur", () => later(() => { if (!card?.contains(document.activeElement)) hide(); }, 0));
    button.addEventListener("click", open);
    mark.before(button);
  });
  if (mark.previousSibling) mark.remove();
}

/** The card of a citation, if one is open, closes. */
export function hide() {
  clearTimeout(timer);
  shown?.setAttribute("aria-expanded", "false");
  shown = null;
  if (card?.matches(":popover-open")) card.hidePopover();
}

function show(button, source, sentence, judged) {
  clearTimeout(timer);
  if (shown === button && card.matches(":popover-open")) return;
  hide();
  card ??= document.body.appendChild(h("div", {
    popover: "manual", class: "hover-card", role: "dialog",
    onpointerenter: () => clearTimeout(timer), onpointerleave: () => later(hide, LINGER),
    onkeydown: (event) => { if (event.key === "Escape") { shown?.focus(); hide(); event.stopPropagation(); } },
  }));
  shown = button;
  button.setAttribute("aria-expanded", "true");
  card.setAttribute("aria-label", say.sourceOf(source.number, source.title));
  card.replaceChildren(...contents(source, sentence, judged));
  card.showPopover();
  place(card, button.getBoundingClientRect());
}

function contents(source, sentence, judged) {
  const where = [source.site, source.date && say.date(source.date)].filter(Boolean).join(" · ");
  const text = source.text && h("p", { class: "card-text", dir: "auto" },
    marked(source.text, sentence).map((piece) => (piece.marked ? h("mark", {}, piece.text) : piece.text)));
  const verdict = judged && !judged.supported
    ? h("p", { class: "card-doubt" }, `${say.unsupported}.`,
      judged.missing.length ? ` ${say.unsupportedNumbers(judged.missing.join(", "))}` : "")
    : null;
  return [
    h("p", { class: "card-title", dir: "auto" }, source.title || source.url),
    where && h("p", { class: "card-where" }, where),
    verdict, text,
    isLink(source.url)
      ? h("a", { class: "card-link", href: source.url, target: "_blank", rel: "noopener noreferrer nofollow" }, say.openSource, icon("out"))
      : h("p", { class: "card-where" }, source.url),
  ].filter(Boolean);
}

function place(element, anchor) {
  const box = element.getBoundingClientRect(), margin = 12;
  const left = Math.max(margin, Math.min(anchor.left - 24, innerWidth - box.width - margin));
  const above = anchor.bottom + box.height + margin > innerHeight && anchor.top > box.height + margin;
  element.style.left = `${left}px`;
  element.style.top = `${above ? anchor.top - box.height - 6 : Math.min(anchor.bottom + 6, Math.max(margin, innerHeight - box.height - margin))}px`;
}

function later(work, ms) {
  clearTimeout(timer);
  timer = setTimeout(work, ms);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && card?.matches(":popover-open")) {
    hide();
    event.stopImmediatePropagation();
  }
}, true);
// The focus may scroll its place into sight: the card goes along, as long as there is something to go along with.
document.addEventListener("scroll", (event) => {
  if (!shown || card.contains(event.target)) return;
  const box = shown.getBoundingClientRect();
  if (!shown.isConnected || box.bottom < 0 || box.top > innerHeight) hide();
  else place(card, box);
}, { capture: true, passive: true });
document.addEventListener("pointerdown", (event) => {
  if (card && !card.contains(event.target) && event.target !== shown) hide();
});
