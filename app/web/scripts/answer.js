// What one answer is, after each of its events: a pure reducer. Nothing here knows of the page.
//
//   answer = {id, status, items, error, usage, seen, began, first, ...}
//   item   = {type: "text", id, text, annotations, done}
//          | {type: "search", id, stage, query, queries, provider, elapsed, failure, cached, results}
//          | {type: "thought", id, text, done}
//
// Events carry numbers; one that was seen is passed over, so that re-joining loses and doubles
// nothing. An item keeps its identity (===) as long as it doesn't change.

export const ACTIVE = new Set(["waiting", "queued", "in_progress"]);

export const nothing = Object.freeze({
  id: null, status: "waiting", items: [], error: null, usage: null, seen: -1,
  began: null, first: null, ended: null, model: null, conversation: null, created: null,
});

/** The answer after `event`, which came at `now` (ms). */
export function after(answer, event, now = 0) {
  const number = event.sequence_number;
  if (number !== undefined && number <= answer.seen) return answer;
  const next = { ...answer, ...changed(answer, event, now) };
  if (number !== undefined) next.seen = number;
  return next;
}

function changed(answer, event, now) {
  switch (event.type) {
    case "response.created":
    case "response.queued":
    case "response.in_progress":
      return { ...about(event.response), began: answer.began ?? now };
    case "response.output_item.added":
      return { items: replaced(answer.items, event.output_index, opened(event.item)) };
    case "response.output_text.delta":
      return { first: answer.first ?? now, ...edited(answer, event, (item) => ({
        text: item.text + event.delta,
        scores: event.logprobs?.length ? [...(item.scores ?? []), ...event.logprobs] : item.scores,
      })) };
    case "response.output_text.annotation.added":
      return edited(answer, event, (item) => ({ annotations: [...item.annotations, event.annotation] }));
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return { first: answer.first ?? now, ...edited(answer, event, (item) => ({ text: item.text + event.delta })) };
    case "orson.search.query.delta":
      return { first: answer.first ?? now, ...edited(answer, event, (item) => ({ query: item.query + event.delta })) };
    case "orson.search.started":
      return edited(answer, event, () => ({ queries: event.queries, query: event.queries.join("; ") }));
    case "response.web_search_call.searching":
      return edited(answer, event, () => ({ stage: "searching", since: now }));
    case "orson.search.finished":
      return edited(answer, event, () => found(event.search));
    case "response.output_item.done":
      return { items: replaced(answer.items, event.output_index, closed(answer.items[event.output_index], event.item)) };
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
    case "response.cancelled":
      return { ...finished(answer, event.response), ended: now };
    case "error":
      return { status: "failed", error: { message: event.message ?? event.error?.message ?? "", code: event.code ?? null }, ended: now };
    default:
      return {};
  }
}

/** An answer as it was stored. */
export function stored(response) {
  return { ...nothing, ...about(response), ...finished(nothing, response) };
}

/** An answer of which only the items of its conversation are known. */
export function ofItems(id, items) {
  const shown = items.map((item) => closed(null, item));
  const broken = items.some((item) => item.status === "incomplete");
  return { ...nothing, id, status: broken ? "incomplete" : "completed", items: shown };
}

function about(response) {
  return {
    id: response.id, status: response.status, model: response.model, created: response.created_at,
    conversation: response.conversation?.id ?? null,
  };
}

function finished(answer, response) {
  const output = response.output ?? [];
  const items = [
    ...output.map((item, at) => closed(answer.items[at], item)),
    // Of an answer that broke off, what was said last may not be stored; it was said all the same.
    ...answer.items.slice(output.length).map((item) => ({ ...item, done: true })),
  ];
  return {
    ...about(response), items, usage: response.usage ?? answer.usage,
    error: response.error ?? null, reason: response.incomplete_details?.reason ?? null,
  };
}

function opened(item) {
  switch (item.type) {
    case "message": return { type: "text", id: item.id, text: "", annotations: [], done: false };
    case "web_search_call":
      return {
        type: "search", id: item.id, stage: "asking", query: "", queries: [], provider: "", elapsed: null,
        failure: null, cached: null, results: [], done: false,
      };
    case "reasoning": return { type: "thought", id: item.id, text: "", done: false };
    default: return { type: "other", id: item.id, done: false };
  }
}

/** An item that is complete: what streamed is kept where it says the same. */
function closed(before, item) {
  const base = before?.id === item.id ? before : opened(item);
  switch (item.type) {
    case "message": {
      const part = item.content?.[0] ?? {};
      const text = part.text ?? base.text;
      const annotations = part.annotations?.length ? part.annotations : base.annotations;
      if (base.done && base.text === text && base.annotations.length === annotations.length) return base;
      return { ...base, text, annotations, scores: part.logprobs?.length ? part.logprobs : base.scores, done: true };
    }
    case "web_search_call": {
      const search = item.search ? found(item.search) : {};
      const queries = item.action?.queries?.length ? item.action.queries : base.queries;
      const query = queries.length ? queries.join("; ") : item.action?.query || base.query;
      const failed = item.status === "failed" && !item.search && base.stage !== "found";
      const stage = search.stage ?? (failed ? (queries.length ? "failed" : "dropped") : "found");
      return { ...base, queries, query, ...search, stage, unknown: !item.search && base.stage !== "found", done: true };
    }
    case "reasoning":
      return { ...base, text: item.summary?.map((part) => part.text).join("\n\n") || base.text, done: true };
    default:
      return { ...base, done: true };
  }
}

function found(search) {
  return {
    stage: search.failure && !search.results?.length ? "failed" : "found",
    queries: search.queries ?? [], query: (search.queries ?? []).join("; "),
    provider: search.provider ?? "", elapsed: search.elapsed_ms ?? null, failure: search.failure ?? null,
    cached: search.cached ?? null, results: search.results ?? [], unknown: false,
  };
}

function edited(answer, event, change) {
  const at = event.output_index;
  const item = answer.items[at];
  return item ? { items: replaced(answer.items, at, { ...item, ...change(item) }) } : {};
}

function replaced(items, at, item) {
  const copy = items.slice();
  copy[at] = item;
  return copy;
}

/** All passages that an answer's searches found, by number. */
export function passages(answer) {
  const byNumber = new Map();
  for (const item of answer.items) {
    if (item?.type === "search") for (const result of item.results) byNumber.set(result.number, result);
  }
  return byNumber;
}

/** The whole prose of an answer. */
export const prose = (answer) =>
  answer.items.filter((item) => item?.type === "text").map((item) => item.text).join("\n\n").trim();
