// What the keyboard does wherever the focus is; fields and lists have keys of their own.

export const showKeys = () => import("./views/dialogs.js").then(({ showShortcuts }) => showShortcuts());

/** @param does {escape(), search(), fresh(), inside(), ask()} */
export function shortcuts(does) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const typing = /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.nodeName);
    const work = chosen(event, typing, does);
    if (!work) return;
    event.preventDefault();
    work();
  });
}

function chosen(event, typing, does) {
  if (event.key === "Escape") return event.defaultPrevented || document.querySelector(".menu:popover-open") ? null : does.escape;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return does.search;
  if (event.altKey && event.code === "KeyN") return does.fresh;
  if (event.altKey && event.code === "KeyI") return does.inside;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return null;
  return { "/": does.ask, "?": showKeys }[event.key] ?? null;
}
