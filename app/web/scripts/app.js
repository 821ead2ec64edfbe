// The page: sidebar, conversation, composer, inside; what is done in one shows in the others.

import { Api, Unreachable } from "./api.js";
import { asking } from "./asking.js";
import { Conversation } from "./conversation.js";
import { h, icon, iconButton, show } from "./dom.js";
import { prefs } from "./prefs.js";
import { shortcuts, showKeys } from "./shortcuts.js";
import { say } from "./strings.js";
import { rootOf } from "./versions.js";
import { Announcer } from "./views/announcer.js";
import { hide } from "./views/cards.js";
import { Composer } from "./views/composer.js";
import { notice } from "./views/notice.js";
import { Inside } from "./views/inside.js";
import { Sidebar } from "./views/sidebar.js";

const NEAR = 120; // px from the end at which the page follows what is written

export class App {
  #models = []; #insideOf = null; #tabs = null; #following = true; #top = 0;

  constructor(root) {
    this.api = asking(new Api(() => prefs.get("key", "")), (wrong) => this.#key(wrong));
    this.announcer = new Announcer();
    this.sidebar = new Sidebar(this.api, {
      open: (id) => this.go(id), fresh: () => this.go(null), close: () => this.#side(false),
      ...Object.fromEntries(["rename", "remove", "save"].map((name) => [name, (family, how) => this.#shelf(name, family, how)])),
    });
    this.composer = new Composer({
      send: (text) => this.#send(text), stop: () => this.conversation.stop(), options: () => this.#options(),
      editLast: () => this.conversation.edit(),
    });
    this.inside = new Inside(() => this.#inside(null));
    this.model = h("span", { class: "model-name" });
    this.thread = h("div", { class: "thread" });
    this.latest = h("button", { type: "button", class: "latest", hidden: true, onclick: () => this.follow() }, icon("down"), h("span", {}, say.latest));
    this.scroller = h("div", { class: "scroller", tabindex: "-1" }, this.thread);
    this.greeting = this.#greeting();
    this.opener = iconButton("sidebar", say.openSidebar, () => this.#side(true), { class: "icon-button opener", "aria-controls": "sidebar" });
    root.append(
      h("a", { class: "skip", href: "#ask", onclick: (event) => { event.preventDefault(); this.composer.focus(); } }, say.skip),
      h("div", { class: "page" }, this.sidebar.element, h("button", { class: "shade", tabindex: "-1", "aria-hidden": "true", onclick: () => this.#side(false) }),
        h("div", { class: "column" },
          h("header", { class: "top" }, this.opener, h("h1", { class: "offscreen" }, "Orson"), this.model,
            iconButton("plus", say.newConversation, () => this.go(null), { class: "icon-button fresh" }),
            iconButton("keyboard", say.shortcuts, showKeys, { class: "icon-button keyboard" })),
          h("main", { class: "main" }, this.scroller, h("div", { class: "dock" }, this.latest, this.composer.element))),
        this.inside.element),
      this.announcer.element);
    // Behind the layout of each frame, so that nothing is laid out for it. The scroller shrinks when a long question is written.
    const growth = new ResizeObserver(() => { if (this.#following) this.#end(); });
    growth.observe(this.thread);
    growth.observe(this.scroller);
    // Whoever opens something wants to see that, and not the end.
    this.thread.addEventListener("click", ({ target }) => { if (target.closest("summary, .search-head, [data-edit]")) this.#follows(false); });
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    addEventListener("popstate", () => this.#open(here()));
    shortcuts({
      escape: () => this.#escape(), search: () => { this.#side(true); this.sidebar.field.focus(); }, fresh: () => this.go(null),
      inside: () => this.#inside(this.#insideOf ? null : this.conversation.last ?? null), ask: () => this.composer.focus(),
    });
    this.#tabs = "BroadcastChannel" in window ? new BroadcastChannel("orson") : null;
    this.#tabs?.addEventListener("message", ({ data }) => this.#told(data));
  }

  async start() {
    this.#theme(prefs.get("theme", "auto"));
    this.#side(prefs.get("sidebar", true) && innerWidth > 900, false);
    const opened = this.#open(here());
    try {
      this.#models = await this.api.models();
      this.#showModel();
      await this.sidebar.load();
      this.conversation.showVersions();
    } catch (error) {
      this.failed(error);
    }
    await opened;
  }

  // -- what a conversation asks of the page ------------------------------------------------------

  family() {
    const root = this.conversation?.root;
    return this.sidebar.list.filter((each) => rootOf(each) === root);
  }

  modelName() { return this.#models.find(({ id }) => id === prefs.get("model"))?.id ?? this.#models[0]?.id; }

  changed(record) {
    this.sidebar.put(record);
    if (this.conversation.id === record.id) {
      history[here() ? "pushState" : "replaceState"](null, "", `/c/${record.id}`);
      this.sidebar.mark(record.id);
      this.title();
    }
    this.tell({ about: "list" });
  }

  progress(conversation, state) {
    if (conversation !== this.conversation) return;
    this.composer.running(state);
    this.greeting.hidden = true;
    if (state === false) {
      this.sidebar.load().then(() => conversation.showVersions(), () => {});
      if (this.#insideOf) this.#inside(this.#insideOf);
      this.tell({ about: "list" });
    }
  }

  /** The end of what is written is to be in sight, and to stay there until the reader goes elsewhere. */
  follow() {
    this.#follows(true);
    this.#end();
  }

  async edit(conversation, at, text) {
    try {
      const id = await conversation.branch(at);
      await this.go(id);
      await this.#send(text);
    } catch (error) {
      this.failed(error);
    }
  }

  async go(id) {
    if (innerWidth <= 900) this.#side(false);
    if (id !== here()) history.pushState(null, "", id ? `/c/${id}` : "/");
    await this.#open(id);
  }

  failed(error) {
    if (error?.name === "AbortError") return;
    const text = error instanceof Unreachable ? say.errors.unreachable
      : error.status === 409 ? say.errors.busy : error.status === 429 ? say.errors.full : error.status === 404 ? say.errors.notFound
        : error.status === 503 ? say.errors.engine : say.errors.other(error.message);
    notice(text, error instanceof Unreachable ? { act: say.again, onAct: () => this.start() } : {});
  }

  // -- what the reader asks ----------------------------------------------------------------------

  async #send(text) {
    const conversation = this.conversation;
    this.composer.set("");
    this.greeting.hidden = true;
    try {
      if (!this.#models.length) this.#models = await this.api.models();
      await conversation.send(text);
    } catch (error) {
      if (!this.composer.field.value) this.composer.set(text);
      this.failed(error);
      if (error.status === 409) await this.#open(conversation.id);
      else if (!conversation.turns.length) this.greeting.hidden = false;
    }
  }

  async #open(id) {
    hide();
    this.conversation?.close();
    const conversation = (this.conversation = new Conversation(this.#host()));
    this.thread.replaceChildren(this.greeting, conversation.element);
    this.greeting.hidden = id !== null;
    this.composer.running(false);
    this.sidebar.mark(id);
    this.#inside(null);
    this.#follows(true);
    if (id === null) {
      this.title();
      this.composer.focus();
      return;
    }
    this.scroller.setAttribute("aria-busy", "true");
    try {
      await conversation.open(id);
      this.title();
      this.follow();
    } catch (error) {
      if (conversation !== this.conversation) return;
      this.failed(error);
      if (error.status === 404) this.go(null);
    } finally {
      this.scroller.removeAttribute("aria-busy");
    }
  }

  #host() {
    return {
      api: this.api, announcer: this.announcer, family: () => this.family(), model: () => this.modelName(),
      follow: () => this.follow(), changed: (record) => this.changed(record), failed: (error) => this.failed(error),
      progress: (conversation, state) => this.progress(conversation, state), inside: (view) => this.#inside(view),
      begun: (conversation) => this.tell({ about: "answer", id: conversation.id }),
      detailed: (view) => { if (view === this.#insideOf) this.#inside(view); },
      go: (id) => this.go(id), edit: (conversation, at, text) => this.edit(conversation, at, text),
    };
  }

  #greeting() {
    return h("section", { class: "greeting" }, h("h2", {}, say.greeting), h("p", {}, say.introduction),
      h("ul", { class: "examples", "aria-label": say.examplesLabel },
        say.examples.map((text) => h("li", {}, h("button", { type: "button", onclick: () => this.#send(text) }, text)))));
  }

  /** Rename, remove or save a conversation of the list. */
  async #shelf(name, family, how) {
    try {
      const shelf = await import("./shelf.js");
      await shelf[name](this, family, how);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Tell other tabs of this browser. */
  tell(message) { this.#tabs?.postMessage(message); }

  async #options() {
    const { askOptions } = await import("./views/dialogs.js");
    await askOptions({
      models: this.#models, hasKey: Boolean(prefs.get("key")), forgetKey: () => prefs.set("key", null),
      theme: (name) => this.#theme(name),
    });
    this.#showModel();
    this.composer.focus();
  }

  // -- the page itself ---------------------------------------------------------------------------

  #inside(view) {
    this.#insideOf = view;
    this.inside.element.hidden = view === null;
    document.body.classList.toggle("with-inside", view !== null);
    if (!view?.answer) return;
    this.inside.show(view.answer.answer, (on) => view.answer.confidence(on));
    this.inside.title.focus({ preventScroll: true });
  }

  #escape() {
    if (this.conversation.running) this.conversation.stop();
    else if (!this.inside.element.hidden) this.#inside(null);
    else if (innerWidth <= 900) this.#side(false);
  }

  #side(open, keep = true) {
    document.body.classList.toggle("with-sidebar", open);
    this.sidebar.element.inert = !open;
    this.opener.hidden = open && innerWidth > 900;
    if (keep && innerWidth > 900) prefs.set("sidebar", open);
    if (open && innerWidth <= 900) this.sidebar.field.focus();
  }

  #theme(name) {
    prefs.set("theme", name === "auto" ? null : name);
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
  }

  #showModel() { this.model.textContent = this.modelName() ?? ""; }

  title() {
    const title = this.conversation.record?.metadata?.title;
    document.title = title ? `${title} · Orson` : "Orson";
  }

  #end() { this.scroller.scrollTop = this.scroller.scrollHeight; }

  /** Whoever scrolls up reads there; the page's own growth is no reason to leave the end. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const gap = scrollHeight - scrollTop - clientHeight, up = scrollTop < this.#top;
    this.#follows(up ? gap < 2 : gap < NEAR || this.#following);
    this.#top = scrollTop;
  }

  #follows(following) {
    this.#following = following;
    show(this.latest, !following);
    this.scroller.classList.toggle("following", following);
  }

  async #key(wrong) {
    this.#keyAsked ??= import("./views/dialogs.js").then(({ askKey }) => askKey(wrong)).finally(() => { this.#keyAsked = null; });
    const key = await this.#keyAsked;
    if (key) prefs.set("key", key);
    return key;
  }
  #keyAsked = null;

  #told({ about, id, ids }) {
    if (about === "list") this.sidebar.load().then(() => this.conversation.showVersions(), () => {});
    if (about === "answer" && id === this.conversation.id && !this.conversation.running) this.#open(id);
    if (about === "gone" && ids.includes(this.conversation.id)) this.go(null);
  }
}

/** The conversation that the address names. */
function here() {
  return /^\/c\/([^/]+)$/.exec(location.pathname)?.[1] ?? null;
}
