// One turn on the page: what was asked, the answer, and what can be done with either.

import { ACTIVE, prose } from "../answer.js";
import { copy, h, icon, iconButton, show } from "../dom.js";
import { say } from "../strings.js";
import { AnswerView } from "./answer_view.js";

export class TurnView {
  answer = null;

  /**
   * @param turn {ask, answer}
   * @param does {edit(text), again(), inside(), go(step)}
   */
  constructor(turn, does) {
    this.turn = turn;
    this.does = does;
    this.versions = h("span", { class: "versions", hidden: true });
    this.question = h("div", { class: "question", hidden: !turn.ask });
    this.actions = h("div", { class: "actions", hidden: true });
    this.element = h("section", { class: "turn" }, this.question, this.actions);
    if (turn.ask) this.#ask(turn.ask.text);
    if (turn.answer) this.update(turn.answer);
  }

  update(answer, lost) {
    if (!this.answer) {
      this.answer = new AnswerView(() => this.does.again());
      this.actions.before(this.answer.element);
      this.#acts();
    }
    this.answer.update(answer, lost);
    show(this.actions, !ACTIVE.has(answer.status));
    show(this.copying, answer.items.some((item) => item?.type === "text" && item.text));
  }

  /** Which version of this turn is shown. */
  version({ at, ids } = { at: 0, ids: [] }) {
    this.versions.hidden = ids.length < 2;
    this.versions.replaceChildren(
      iconButton("left", say.previousVersion, () => this.does.go(ids[at - 1]), { disabled: at === 0 }),
      h("span", { class: "version", "aria-label": say.version(at + 1, ids.length) }, `${at + 1}/${ids.length}`),
      iconButton("right", say.nextVersion, () => this.does.go(ids[at + 1]), { disabled: at === ids.length - 1 }));
  }

  edit() {
    if (!this.turn.ask || this.question.querySelector("form")) return;
    const field = h("textarea", { "aria-label": say.editLabel, rows: "2", dir: "auto", value: this.turn.ask.text });
    const close = () => { this.#ask(this.turn.ask.text); this.question.querySelector("[data-edit]").focus(); };
    const form = h("form", { class: "editing", onsubmit: (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (text) { this.#ask(this.turn.ask.text); this.does.edit(text); }
    }, onkeydown: (event) => {
      if (event.key === "Escape") { close(); event.stopPropagation(); }
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    } }, field, h("div", { class: "editing-actions" },
      h("button", { type: "button", class: "button", onclick: close }, say.cancel),
      h("button", { type: "submit", class: "button primary" }, say.resend)));
    this.question.replaceChildren(form);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #ask(text) {
    const copying = iconButton("copy", say.copy, () => copy(copying, text, say.copied));
    this.question.replaceChildren(
      h("h2", { class: "offscreen" }, say.you),
      h("div", { class: "question-text", dir: "auto" }, text),
      h("div", { class: "actions" }, this.versions, iconButton("edit", say.edit, () => this.edit(), { "data-edit": "" }), copying));
  }

  #acts() {
    this.copying = iconButton("copy", say.copy, () => copy(this.copying, prose(this.answer.answer), say.copied));
    this.actions.append(this.copying, iconButton("again", say.regenerate, () => this.does.again()),
      h("button", { type: "button", class: "text-button", "data-inside": "", onclick: () => this.does.inside() }, icon("inside"), say.inside));
  }
}
