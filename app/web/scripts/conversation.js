// The conversation that is open: its turns on the page, the answer under way in it, its versions.

import { ACTIVE, nothing, stored } from "./answer.js";
import { h } from "./dom.js";
import { prefs, searchOf } from "./prefs.js";
import { Running } from "./running.js";
import { textOf, titleOf, turns } from "./turns.js";
import { TurnView } from "./views/turn_view.js";
import { branch, rootOf, versions } from "./versions.js";

const AT_ONCE = 20; // Items that the API takes in one request.

export class Conversation {
  record = null; // the API's conversation object; null before the first question
  turns = [];
  running = null;
  #items = []; #views = []; #host; #gone = false; #stored = null;

  /**
   * @param host {api, announcer, family(): conversations, follow(), changed(conversation),
   *              progress(conversation, state), inside(view), begun(conversation), detailed(view), go(id), failed(error), model()}
   */
  constructor(host) {
    this.#host = host;
    this.element = h("div", { class: "turns" });
  }

  get id() { return this.record?.id ?? null; }
  get last() { return this.#views.at(-1); }

  /** Load what is stored, and join what is under way. */
  async open(id) {
    const { api } = this.#host;
    const [record, items] = await Promise.all([api.conversation(id), api.items(id)]);
    if (this.#gone) return;
    this.record = record;
    this.#items = items;
    this.turns = turns(items);
    this.#views = [];
    this.element.replaceChildren();
    this.turns.forEach((turn) => this.#show(turn));
    this.showVersions();
    const active = record.active_response ?? prefs.get(`active.${id}`);
    if (active) await this.#rejoin(active);
    this.#details();
  }

  /** Ask; the answer is followed to its end. */
  async send(text) {
    const { api } = this.#host;
    await this.#stored;
    const turn = { ask: { text }, answer: nothing, from: this.#items.length };
    this.turns.push(turn);
    const view = this.#show(turn);
    this.#host.follow();
    this.#host.progress(this, "running");
    try {
      if (!this.record) {
        this.record = await api.createConversation({ metadata: { title: titleOf(text) } });
        this.#host.changed(this.record);
      }
      await this.#run(turn, view, (running) => running.begin({
        model: this.#host.model(), input: text, conversation: this.id,
        instructions: prefs.get("instructions") ?? undefined, truncation: "auto",
        search: searchOf({
          policy: prefs.get("policy"), budget: prefs.get("budget"), allowed: prefs.get("allowed"), denied: prefs.get("denied"),
        }),
      }, prefs.get("confidence", false)));
    } catch (error) {
      this.#take(turn, view);
      this.#host.progress(this, false);
      throw error;
    }
  }

  /** A version of this conversation in which turn `at` is another; gives its id. */
  async branch(at) {
    const { api } = this.#host;
    await this.#stored;
    const kept = this.#items.slice(0, this.turns[at].from);
    const title = this.record.metadata?.title ?? titleOf(this.turns[0].ask?.text ?? "");
    const metadata = branch(this.record, at, this.#host.family(), title);
    const record = await api.createConversation({ metadata });
    for (let from = 0; from < kept.length; from += AT_ONCE) await api.addItems(record.id, kept.slice(from, from + AT_ONCE).map(asInput));
    this.#host.changed(record);
    return record.id;
  }

  async stop() {
    if (!this.running) return;
    this.#host.progress(this, "stopping");
    await this.running.stop();
  }

  edit(at = this.turns.length - 1) { this.#views[at]?.edit(); }

  /** Leave the page; what is under way goes on. */
  close() {
    this.#gone = true;
    this.running?.leave();
    this.element.remove();
  }

  showVersions() {
    if (!this.record) return;
    const found = versions(this.record, [this.record, ...this.#host.family().filter(({ id }) => id !== this.id)]);
    this.#views.forEach((view, at) => view.version(found.get(at)));
  }

  get root() { return this.record && rootOf(this.record); }

  #show(turn) {
    const at = this.#views.length;
    const view = new TurnView(turn, {
      edit: (text) => this.#host.edit(this, at, text),
      again: () => this.#host.edit(this, at, turn.ask?.text ?? ""),
      inside: () => this.#host.inside(view),
      go: (id) => this.#host.go(id),
    });
    this.#views.push(view);
    this.element.append(view.element);
    return view;
  }

  async #rejoin(id) {
    let response;
    try {
      response = await this.#host.api.response(id);
    } catch {
      return void prefs.set(`active.${this.id}`, null);
    }
    if (!ACTIVE.has(response.status)) return void prefs.set(`active.${this.id}`, null);
    let turn = this.turns.at(-1);
    if (!turn || turn.answer) {
      const asked = await this.#host.api.inputOf(id).catch(() => []);
      turn = { ask: { text: asked.filter((item) => item.role === "user").map(textOf).at(-1) ?? "…" }, answer: nothing, from: this.#items.length };
      this.turns.push(turn);
      this.#show(turn);
    }
    if (this.#gone) return;
    this.#host.progress(this, "running");
    this.#run(turn, this.last, (running) => running.join(id)).catch((error) => this.#host.failed(error));
  }

  async #run(turn, view, start) {
    const { announcer } = this.#host;
    announcer.begin();
    let told = false; // Other tabs can join it once the gateway knows of it.
    let active = null; // Storage is slow: it is told of what is new.
    this.running = new Running(this.#host.api, (running) => {
      turn.answer = running.answer;
      view.update(running.answer, running.lost);
      const now = running.over ? null : running.answer.id;
      if (now !== active) prefs.set(`active.${this.id}`, (active = now));
      if (running.answer.timed !== false && running.answer.id && !told) {
        told = true;
        this.#host.begun(this);
      }
      announcer.follow(running.answer);
    });
    view.update(this.running.answer);
    try {
      await start(this.running);
      if (!this.#gone) this.#stored = this.#host.api.items(this.id).then((items) => { this.#items = items; }, () => {});
    } finally {
      if (!this.#gone && this.running.over) prefs.set(`active.${this.id}`, null);
      this.running = null;
      if (!this.#gone) this.#host.progress(this, false);
    }
  }

  /** What stored answers cost, and how those ended that say nothing of it themselves. */
  #details() {
    this.turns.forEach((turn, at) => {
      const answer = turn.answer;
      if (!answer?.id || answer.usage || ACTIVE.has(answer.status)) return;
      this.#host.api.response(answer.id).then((response) => {
        if (this.#gone || ACTIVE.has(response.status)) return;
        turn.answer = stored(response);
        this.#views[at].update(turn.answer);
        this.#host.detailed(this.#views[at]);
      }, () => {}); // No longer kept: the items are all there is.
    });
  }

  #take(turn, view) {
    this.turns = this.turns.filter((each) => each !== turn);
    this.#views = this.#views.filter((each) => each !== view);
    view.element.remove();
  }
}

/** A stored item -> one to be sent: referred to where it is an answer's, so that it stays whole. */
function asInput(item) {
  return item.id ? { type: "item_reference", id: item.id } : item;
}
