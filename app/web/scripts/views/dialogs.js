// Dialogs, all of the browser's own <dialog>: they keep the focus, close on Esc and give it back.

import { h, iconButton } from "../dom.js";
import { domains, prefs } from "../prefs.js";
import { say } from "../strings.js";

/** Shows a dialog; gives what its form was sent with, or null. */
function ask(title, parts, { action, danger = false, cancel = say.cancel, kind = "", read = () => true }) {
  return new Promise((resolve) => {
    const send = h("button", { type: "submit", class: danger ? "button danger" : "button primary" }, action);
    const form = h("form", { method: "dialog", onsubmit: (event) => {
      event.preventDefault();
      const value = read(form);
      if (value === undefined) return;
      dialog.returnValue = "sent";
      dialog.close();
      resolve(value);
    } }, h("header", {}, h("h2", { id: "dialog-title" }, title), iconButton("close", say.close, () => dialog.close())),
      parts, h("footer", {}, cancel && h("button", { type: "button", class: "button", onclick: () => dialog.close() }, cancel), send));
    const dialog = h("dialog", { class: kind, "aria-labelledby": "dialog-title" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const field = (label, control, hint) => h("label", { class: "field" }, h("span", {}, label), control, hint && h("small", {}, hint));

export function askKey(wrong) {
  const input = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true, autofocus: true });
  return ask(say.keyTitle, [h("p", {}, say.keyText), wrong && h("p", { class: "wrong", role: "alert" }, say.keyWrong), field(say.keyLabel, input)],
    { action: say.keyUse, read: () => input.value.trim() || undefined });
}

export function askTitle(title) {
  const input = h("input", { name: "title", value: title, maxlength: "200", required: true, dir: "auto", autofocus: true });
  return ask(say.rename, [field(say.newTitle, input)], { action: say.save, read: () => input.value.trim() || undefined });
}

export const askRemoval = (title) =>
  ask(say.removeQuestion(title), [h("p", {}, say.removeWarning)], { action: say.remove, danger: true });

export function showShortcuts() {
  return ask(say.shortcuts, [h("dl", { class: "shortcuts" }, say.shortcutKeys.map(([keys, what]) =>
    h("div", {}, h("dt", {}, keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, what))))], { action: say.done, cancel: null });
}

/** Everything that can be chosen; kept in this browser. */
export function askOptions({ models, hasKey, forgetKey, theme }) {
  const model = h("select", {}, models.map(({ id }) => h("option", { value: id, selected: id === prefs.get("model") }, id)));
  const budget = h("input", { type: "number", min: "0", max: "20", step: "1", placeholder: say.budgetDefault, value: prefs.get("budget") ?? "" });
  const allowed = h("input", { type: "text", value: (prefs.get("allowed") ?? []).join(" "), autocomplete: "off", dir: "ltr" });
  const denied = h("input", { type: "text", value: (prefs.get("denied") ?? []).join(" "), autocomplete: "off", dir: "ltr" });
  const instructions = h("textarea", { rows: "3", dir: "auto", value: prefs.get("instructions") ?? "" });
  const look = h("select", { onchange: () => theme(look.value) },
    Object.entries(say.themes).map(([name, text]) => h("option", { value: name, selected: name === prefs.get("theme", "auto") }, text)));
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true }, say.domainsWrong);
  return ask(say.options, [
    field(say.model, model), field(say.budget, budget), field(say.allowedDomains, allowed, say.domainsHint),
    field(say.deniedDomains, denied), wrong, field(say.systemPrompt, instructions, say.systemPromptHint), field(say.theme, look),
    hasKey && h("button", { type: "button", class: "text-button", onclick: (event) => { forgetKey(); event.target.remove(); } }, say.forgetKey),
  ], { action: say.save, kind: "options", read: () => {
    const lists = [domains(allowed.value), domains(denied.value)];
    wrong.hidden = lists.every(Boolean);
    if (!wrong.hidden) return undefined;
    prefs.set("model", model.value || null);
    prefs.set("budget", budget.value === "" ? null : budget.valueAsNumber);
    prefs.set("allowed", lists[0].length ? lists[0] : null);
    prefs.set("denied", lists[1].length ? lists[1] : null);
    prefs.set("instructions", instructions.value.trim() || null);
    return true;
  } });
}
