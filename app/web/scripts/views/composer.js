// Where questions are written: the field, how to search for this one, send and stop.

import { h, icon, iconButton } from "../dom.js";
import { prefs } from "../prefs.js";
import { say } from "../strings.js";

const POLICIES = ["auto", "always", "never"];

export class Composer {
  #running = false;

  /** @param does {send(text), stop(), options(), editLast()} */
  constructor(does) {
    this.does = does;
    this.field = h("textarea", {
      id: "ask", rows: "1", placeholder: say.ask, "aria-label": say.askLabel, dir: "auto", enterkeyhint: "send",
      oninput: () => this.#written(), onkeydown: (event) => this.#key(event),
    });
    this.policy = h("fieldset", { class: "policy" }, h("legend", { class: "offscreen" }, say.searchPolicy), icon("search"),
      POLICIES.map((name) => h("label", { title: say.policyHints[name] },
        h("input", { type: "radio", name: "policy", value: name, checked: prefs.get("policy", "auto") === name, onchange: () => prefs.set("policy", name) }),
        h("span", {}, say.policies[name]))));
    this.button = h("button", { type: "submit", class: "send", "aria-label": say.send, title: say.send }, icon("send"));
    this.optionsButton = iconButton("options", say.options, () => does.options());
    this.element = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      this.field, h("div", { class: "composer-row" }, this.policy, this.optionsButton, this.button));
    this.field.value = prefs.get("draft", "");
    this.#written();
  }

  running(state) {
    this.#running = state !== false;
    const label = state === "stopping" ? say.stopping : this.#running ? say.stop : say.send;
    this.button.replaceChildren(icon(this.#running ? "stop" : "send"));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.type = this.#running ? "button" : "submit";
    this.button.onclick = this.#running ? () => this.does.stop() : null;
    this.button.classList.toggle("stopping", state === "stopping");
    this.#written();
  }

  focus() { this.field.focus(); }

  set(text) {
    this.field.value = text;
    this.#written();
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text || this.#running) return;
    this.does.send(text);
  }

  #written() {
    prefs.set("draft", this.field.value || null);
    this.button.disabled = !this.#running && !this.field.value.trim();
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      event.preventDefault();
      this.does.editLast();
    }
  }
}
