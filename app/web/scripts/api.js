// The public API as this page uses it: models, conversations, responses. Nothing else is called.

import { EventReader } from "./events.js";

const SILENCE = 35_000; // ms; the gateway says something every 10 s.
const BREATH = 50; // ms between reads: what comes meanwhile is read, shown and laid out in one go.
const INCLUDE = ["orson.search"];
const SCORES = "message.output_text.logprobs";

export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    const error = body?.error ?? {};
    super(error.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = error.code ?? error.type ?? null;
    this.retryAfter = Number(retryAfter) || null;
  }
}

/** No answer came at all: the network is away, or the gateway is. */
export class Unreachable extends Error {}

export class Api {
  /** @param key () -> the API key, or "" */
  constructor(key) { this.key = key; }

  async models() { return (await this.#json("GET", "/v1/models")).data; }

  conversations({ after, query, limit = 50 } = {}) {
    return this.#json("GET", `/v1/conversations?${search({ limit, after, query })}`);
  }
  conversation(id) { return this.#json("GET", `/v1/conversations/${encodeURIComponent(id)}`); }
  createConversation(body) { return this.#json("POST", "/v1/conversations", body); }
  updateConversation(id, metadata) {
    return this.#json("POST", `/v1/conversations/${encodeURIComponent(id)}`, { metadata });
  }
  deleteConversation(id) { return this.#json("DELETE", `/v1/conversations/${encodeURIComponent(id)}`); }
  addItems(id, items) {
    return this.#json("POST", `/v1/conversations/${encodeURIComponent(id)}/items`, { items });
  }

  /** All items of a conversation, oldest first, with what its searches found. */
  async items(id) {
    const all = [];
    for (let after; ;) {
      const page = await this.#json("GET",
        `/v1/conversations/${encodeURIComponent(id)}/items?${search({ limit: 100, order: "asc", after, include: INCLUDE })}`);
      all.push(...page.data);
      if (!page.has_more || !page.data.length) return all;
      after = page.data.at(-1).id;
    }
  }

  /** What was asked for in a response. */
  async inputOf(id) { return (await this.#json("GET", `/v1/responses/${encodeURIComponent(id)}/input_items?${search({ limit: 100, order: "asc" })}`)).data; }

  response(id) { return this.#json("GET", `/v1/responses/${encodeURIComponent(id)}?${search({ include: INCLUDE })}`); }
  cancel(id) { return this.#json("POST", `/v1/responses/${encodeURIComponent(id)}/cancel`); }

  /** Begin an answer that outlives this page; its events, as they come. `scores`: log-probabilities too. */
  respond(body, { scores = false, signal } = {}) {
    const include = scores ? [...INCLUDE, SCORES] : INCLUDE;
    return this.#events("POST", "/v1/responses", { ...body, background: true, stream: true, include }, signal);
  }

  /** The events of an answer under way (or over), behind the number `after`. */
  rejoin(id, after, signal) {
    const from = after >= 0 ? { starting_after: after } : {};
    return this.#events("GET",
      `/v1/responses/${encodeURIComponent(id)}?${search({ stream: true, include: INCLUDE, ...from })}`, undefined, signal);
  }

  async #json(method, path, body) {
    const reply = await this.#fetch(method, path, body);
    return reply.status === 204 ? null : reply.json();
  }

  async *#events(method, path, body, signal) {
    const silent = new AbortController();
    const both = AbortSignal.any([silent.signal, ...(signal ? [signal] : [])]);
    const reply = await this.#fetch(method, path, body, both);
    const reader = reply.body.getReader(), decoder = new TextDecoder(), events = new EventReader();
    let reading = null, timer;
    const read = () => {
      reading = reader.read();
      reading.catch(() => {}); // Whoever waits for it hears of it.
      return reading;
    };
    try {
      for (;;) {
        timer = setTimeout(() => silent.abort(), SILENCE);
        let { done, value } = await (reading ?? read()).catch((error) => {
          if (signal?.aborted) throw error;
          throw new Unreachable(String(error?.message ?? error));
        });
        clearTimeout(timer);
        let text = "";
        // A piece may be a single token: take with it what is there already.
        while (!done) {
          text += decoder.decode(value, { stream: true });
          const more = await Promise.race([read(), null]).catch(() => null);
          if (!more) break;
          ({ done, value } = more);
        }
        const batch = events.feed(text).filter(Boolean);
        if (batch.length) yield batch;
        if (done) return;
        if (!document.hidden) await new Promise((resolve) => { timer = setTimeout(resolve, BREATH); });
      }
    } finally {
      clearTimeout(timer);
      reader.cancel().catch(() => {});
    }
  }

  async #fetch(method, path, body, signal) {
    const headers = { Accept: "application/json, text/event-stream" };
    if (this.key()) headers.Authorization = `Bearer ${this.key()}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let reply;
    try {
      reply = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Unreachable(error.message);
    }
    if (reply.ok) return reply;
    throw new ApiError(reply.status, await reply.json().catch(() => null), reply.headers.get("Retry-After"));
  }
}

function search(fields) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) if (each !== undefined && each !== "") given.append(Array.isArray(value) ? `${name}[]` : name, each);
  }
  return given;
}
