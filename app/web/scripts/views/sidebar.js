// The list of conversations: newest first, searched by the gateway, each with its menu.

import { h, icon, iconButton } from "../dom.js";
import { say } from "../strings.js";
import { families } from "../versions.js";

const TYPING = 250; // ms after the last letter before the gateway is asked
const DAY = 86_400_000;

export class Sidebar {
  list = []; // conversations, newest first, all versions
  #current = null; #more = false; #typing = 0; #query = ""; #api; #does; #asked = 0;

  /** @param does {open(id), rename(family), remove(family), save(family, how), fresh(), close()} */
  constructor(api, does) {
    this.#api = api;
    this.#does = does;
    this.field = h("input", {
      type: "search", placeholder: say.searchConversations, "aria-label": say.searchConversations, autocomplete: "off",
      oninput: () => this.#search(),
    });
    this.entries = h("div", { class: "entries" });
    this.element = h("nav", { class: "sidebar", id: "sidebar", "aria-label": say.conversations },
      h("div", { class: "sidebar-head" },
        h("a", { class: "wordmark", href: "/", onclick: (event) => { event.preventDefault(); does.fresh(); } }, "Orson"),
        iconButton("sidebar", say.closeSidebar, () => does.close())),
      h("button", { type: "button", class: "button new", onclick: () => does.fresh() }, icon("plus"), say.newConversation),
      h("div", { class: "search-field" }, icon("search"), this.field),
      this.entries);
  }

  /** Ask the gateway for the list anew. */
  async load() {
    const asked = ++this.#asked;
    const page = await this.#api.conversations({ query: this.#query });
    if (asked !== this.#asked) return;
    this.list = page.data;
    this.#more = page.has_more;
    this.#draw();
  }

  mark(id) {
    this.#current = id;
    this.#draw();
  }

  /** A conversation as it now is, before the gateway is asked again. */
  put(conversation) {
    this.list = [conversation, ...this.list.filter((each) => each.id !== conversation.id)];
    this.#draw();
  }

  #search() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#query = this.field.value.trim();
      this.load().catch(() => {});
    }, TYPING);
  }

  async #older() {
    const page = await this.#api.conversations({ query: this.#query, after: this.list.at(-1).id });
    this.list = [...this.list, ...page.data.filter(({ id }) => !this.list.some((each) => each.id === id))];
    this.#more = page.has_more;
    this.#draw();
  }

  #draw() {
    const all = families(this.list);
    if (!all.length) {
      return this.entries.replaceChildren(h("p", { class: "note" }, this.#query ? say.noMatches : say.noConversations));
    }
    const parts = [];
    let heading = null, items = null;
    for (const family of all) {
      const name = when(family.newest);
      if (name !== heading) {
        items = h("ul", { class: "plain" });
        parts.push(h("h2", {}, name), items);
        heading = name;
      }
      items.append(this.#entry(family));
    }
    if (this.#more) parts.push(h("button", { type: "button", class: "text-button", onclick: () => this.#older() }, say.moreConversations));
    this.entries.replaceChildren(...parts);
  }

  #entry(family) {
    const { newest, members } = family;
    const title = newest.metadata?.title || say.untitled;
    const here = members.some(({ id }) => id === this.#current);
    const open = h("a", { href: `/c/${newest.id}`, dir: "auto", "aria-current": here ? "page" : null, onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#does.open(newest.id);
    } }, title);
    const menu = h("div", { popover: "auto", class: "menu", role: "menu", onclick: () => menu.hidePopover() },
      item(say.rename, () => this.#does.rename(family)),
      item(say.exportMarkdown, () => this.#does.save(family, "markdown")),
      item(say.exportJson, () => this.#does.save(family, "json")),
      item(say.remove, () => this.#does.remove(family), "danger"));
    menu.addEventListener("keydown", arrows);
    const button = iconButton("more", say.menuOf(title), () => {
      const box = button.getBoundingClientRect();
      menu.togglePopover();
      menu.style.top = `${Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
      menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
      menu.querySelector("button").focus();
    }, { class: "icon-button small", "aria-haspopup": "menu" });
    return h("li", { class: here ? "here" : "" }, open, button, menu);
  }
}

const item = (name, onclick, kind = "") => h("button", { type: "button", role: "menuitem", class: kind, onclick }, name);

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}

function when(conversation) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const at = (conversation.updated_at ?? conversation.created_at) * 1000;
  if (at >= midnight) return say.today;
  if (at >= midnight - DAY) return say.yesterday;
  return at >= midnight - 7 * DAY ? say.week : say.older;
}
