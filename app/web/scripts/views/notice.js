// A short word at the edge of the page; it stays until it is read.

import { h, iconButton } from "../dom.js";
import { say } from "../strings.js";

export function notice(text, { act = null, onAct = null } = {}) {
  document.querySelector(".notice")?.remove();
  const close = () => element.remove();
  const element = h("div", { class: "notice", role: "alert" }, h("p", {}, text),
    act && h("button", { type: "button", class: "button", onclick: () => { close(); onAct(); } }, act), iconButton("close", say.close, close));
  document.body.append(element);
  return close;
}
