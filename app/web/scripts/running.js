// Keeps an answer under way alive: begins it or joins it, and joins it again whenever the line is
// lost, where it stood. The answer itself goes on in the gateway.

import { ApiError, Unreachable } from "./api.js";
import { ACTIVE, after, nothing, stored } from "./answer.js";

const FIRST_WAIT = 300, LONGEST_WAIT = 5_000; // ms between attempts
const PATIENCE = 10 * 60_000; // ms of trying without a word from the gateway

export class Running {
  answer = nothing;
  lost = false; // the line is, for the moment
  #api; #changed; #ended = false; #leaving = new AbortController(); #waking = null; #wantsStop = false;

  /** @param changed (running, events): called after each batch of events and each change of the line */
  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    for (const name of ["online", "focus", "visibilitychange"]) {
      window.addEventListener(name, this.#wake, { signal: this.#leaving.signal });
    }
  }

  get over() { return this.#ended || !ACTIVE.has(this.answer.status); }

  /** Ask, and follow the answer to its end. Raises ApiError or Unreachable when it was not taken. */
  begin(body, scores) {
    this.answer = { ...nothing, began: performance.now() };
    return this.#follow(() => this.#api.respond(body, { scores, signal: this.#leaving.signal }));
  }

  /** Follow an answer that is under way. */
  join(id) {
    this.answer = { ...nothing, id, timed: false };
    return this.#follow(() => this.#api.rejoin(id, -1, this.#leaving.signal));
  }

  /** End the answer, for all who follow it, down to the engine. */
  async stop() {
    this.#wantsStop = true;
    if (this.answer.id) await this.#api.cancel(this.answer.id).catch(() => {});
  }

  /** Follow it no longer; it goes on without us. */
  leave() {
    this.#ended = true;
    this.#leaving.abort();
    this.#wake();
  }

  async #follow(connect) {
    let wait = FIRST_WAIT, heard = Date.now();
    try {
      while (!this.over) {
        let failure = null;
        try {
          for await (const events of connect()) {
            heard = Date.now();
            wait = FIRST_WAIT;
            this.#take(events);
            if (this.over) return;
          }
        } catch (error) {
          if (!this.answer.id && !this.#ended) throw error;
          failure = error;
        }
        if (this.over) return;
        this.lost = true;
        this.#changed(this, []);
        if (await this.#settled(failure)) return;
        if (Date.now() - heard > PATIENCE) return void this.#fail(failure);
        await this.#pause(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        connect = () => this.#api.rejoin(this.answer.id, this.answer.seen, this.#leaving.signal);
      }
    } finally {
      this.#leaving.abort();
    }
  }

  #take(events) {
    const now = performance.now();
    for (const event of events) {
      // "Nothing more comes on this line": the answer itself may go on.
      if (event.type === "error" && this.answer.id) throw new Unreachable(event.message ?? "");
      this.answer = after(this.answer, event, now);
    }
    this.lost = false;
    if (this.#wantsStop && this.answer.id && !this.over) {
      this.#wantsStop = false;
      this.#api.cancel(this.answer.id).catch(() => {});
    }
    this.#changed(this, events);
  }

  /** The stream can't be had: what became of the answer stands in the response itself. */
  async #settled(failure) {
    try {
      const response = await this.#api.response(this.answer.id);
      if (this.#ended) return true;
      if (ACTIVE.has(response.status)) return false;
      this.answer = { ...stored(response), began: this.answer.began, first: this.answer.first };
      this.#changed(this, []);
      return true;
    } catch (second) {
      if (retriable(second)) return false;
      this.#fail(failure ?? second);
      return true;
    }
  }

  #fail(error) {
    this.answer = { ...this.answer, status: "failed", error: { message: error?.message ?? "", code: error?.code ?? null } };
    this.#changed(this, []);
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waking = () => { clearTimeout(timer); resolve(); };
    });
  }

  #wake = () => this.#waking?.();
}

const retriable = (error) =>
  error instanceof Unreachable || (error instanceof ApiError && (error.status >= 500 || error.status === 429));
