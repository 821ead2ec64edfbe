// Makes elements. Text goes in as text; there is no way from here to markup.

/** h("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child) */
export function h(name, given = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Shown or hidden; touched only where that changes, since the browser looks at every touch. */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  search: ["M15.5 15.5 20 20", "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z"],
  send: ["M12 19V5", "m6 11 6-6 6 6"],
  stop: ["M7 7h10v10H7Z"],
  plus: ["M12 5v14", "M5 12h14"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h10"],
  more: ["M6 12h.01", "M12 12h.01", "M18 12h.01"],
  copy: ["M9 9h10v11H9Z", "M5 15V4h10"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  again: ["M19 8a8 8 0 1 0 1 6", "M20 3v5h-5"],
  edit: ["m4 20 1-4L16 5l3 3L8 19Z"],
  inside: ["M5 20V10", "M12 20V4", "M19 20v-7"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  down: ["m6 9 6 6 6-6"],
  left: ["m14 6-6 6 6 6"],
  right: ["m10 6 6 6-6 6"],
  options: ["M4 8h9", "M17 8h3", "M15 6v4", "M4 16h3", "M11 16h9", "M9 14v4"],
  sidebar: ["M4 5h16v14H4Z", "M9.5 5v14"],
  out: ["M8 16 17 7", "M9 7h8v8"],
  keyboard: ["M3 7h18v11H3Z", "M7 11h.01", "M11 11h.01", "M15 11h.01", "M8 15h8"],
  empty: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "M15.5 15.5 20 20", "M8 10.5h5"],
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const line of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

/** A button that shows an icon, with its name for those who don't see it. */
export function iconButton(name, label, onclick, given = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...given }, icon(name));
}

/** Copy text, and let the button say so for a moment. */
export async function copy(button, text, said) {
  await navigator.clipboard.writeText(text).catch(() => {
    // No clipboard without https, but for loopback: the old way still works.
    const field = h("textarea", { class: "offscreen", value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  });
  const [was, label] = [button.firstElementChild, button.getAttribute("aria-label")];
  if (button.dataset.busy) return;
  button.dataset.busy = "yes";
  was?.replaceWith(icon("check"));
  button.setAttribute("aria-label", said);
  setTimeout(() => {
    if (was) button.firstElementChild.replaceWith(was);
    if (label) button.setAttribute("aria-label", label);
    delete button.dataset.busy;
  }, 1400);
}
