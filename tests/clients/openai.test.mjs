// OpenAI's client for Node, unmodified, against the gateway at $ORSON_URL (a scripted model: what it
// says follows the question). $ORSON_LOCKED_URL is the same behind the key "k-1".
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import OpenAI from "openai";

const url = process.env.ORSON_URL;
const client = connected(url);
const model = "scripted";
const LOOKED_UP = "Let me look. He wrote “Ähren” [1]. Yes.";

function connected(base, options = {}) {
  return new OpenAI({ baseURL: `${base}/v1`, apiKey: "none", maxRetries: 0, timeout: 60_000, ...options });
}

const asked = (question) => [{ role: "user", content: question }];

async function metric(name) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.split(/[{ ]/)[0] === name);
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Waits until `condition` holds, for a minute at most. */
async function until(condition) {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not within a minute: ${condition}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

describe("chat completions", () => {
  test("an answer given whole", async () => {
    const completion = await client.chat.completions.create({ model, messages: asked("The capital?") });
    assert.equal(completion.choices[0].message.content, "Paris is the capital.");
    assert.equal(completion.choices[0].finish_reason, "stop");
    assert.ok(completion.usage.completion_tokens > 0);
  });

  test("an answer streamed", async () => {
    const stream = await client.chat.completions.create({
      model, messages: asked("The capital?"), stream: true, stream_options: { include_usage: true },
    });
    let text = "", usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, "Paris is the capital.");
    assert.ok(usage.total_tokens > 0);
  });

  test("what is streamed comes while it is written", async () => {
    const stream = await client.chat.completions.create({ model, messages: asked("Count slowly."), stream: true });
    let pieces = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content) pieces += 1;
      if (pieces === 2 || chunk.choices[0].finish_reason) break;
    }
    stream.controller.abort();
    assert.equal(pieces, 2);
  });

  test("a search, and its citation", async () => {
    const completion = await client.chat.completions.create({ model, messages: asked("Who is Orson Kovats?") });
    const { content, annotations } = completion.choices[0].message;
    assert.equal(content, LOOKED_UP);
    assert.equal(annotations.length, 1);
    const { start_index, end_index, url: source } = annotations[0].url_citation;
    assert.equal([...content].slice(start_index, end_index).join(""), "[1]");
    assert.match(source, /^https:/);
  });

  test("the stream helper puts an answer together", async () => {
    const stream = client.chat.completions.stream({ model, messages: asked("Who is Orson Kovats?") });
    let text = "";
    stream.on("content", (piece) => { text += piece; });
    const completion = await stream.finalChatCompletion();
    assert.equal(text, LOOKED_UP);
    assert.equal(completion.choices[0].message.content, LOOKED_UP);
  });

  test("a client that leaves ends the answer", async () => {
    const stream = await client.chat.completions.create({ model, messages: asked("Count slowly."), stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content) break;
    }
    stream.controller.abort();
    await until(async () => (await metric("orson_answers_running")) === 0);
  });

  test("a stored completion is found again, and deleted", async () => {
    const kept = await client.chat.completions.create({ model, messages: asked("The capital?"), store: true });
    const found = await client.chat.completions.retrieve(kept.id);
    assert.equal(found.choices[0].message.content, "Paris is the capital.");
    assert.equal((await client.chat.completions.delete(kept.id)).deleted, true);
    await assert.rejects(client.chat.completions.retrieve(kept.id), OpenAI.NotFoundError);
  });
});

describe("responses", () => {
  test("an answer given whole, and gone on from", async () => {
    const first = await client.responses.create({ model, input: "The capital?" });
    assert.equal(first.status, "completed");
    assert.equal(first.output_text, "Paris is the capital.");
    const second = await client.responses.create({ model, input: "When?", previous_response_id: first.id });
    assert.match(second.output_text, /In 1911 \[1\]/);
    assert.equal(second.previous_response_id, first.id);
    const found = await client.responses.retrieve(first.id);
    assert.equal(found.output_text, "Paris is the capital.");
    const items = await client.responses.inputItems.list(first.id);
    assert.equal(items.data[0].content[0].text, "The capital?");
    await client.responses.delete(first.id);
    await assert.rejects(client.responses.retrieve(first.id), OpenAI.NotFoundError);
  });

  test("a search in a stream, its events in order", async () => {
    const stream = await client.responses.create({
      model, input: "Who is Orson Kovats?", stream: true, tools: [{ type: "web_search" }],
      include: ["web_search_call.action.sources"],
    });
    const events = [];
    for await (const event of stream) events.push(event);
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, place) => place));
    const kinds = events.map((event) => event.type);
    const places = ["in_progress", "searching", "completed"].map((stage) => kinds.indexOf(`response.web_search_call.${stage}`));
    assert.ok(places[0] >= 0 && places[0] < places[1] && places[1] < places[2], kinds.join(" "));
    const { response } = events.at(-1);
    const [before, call, after] = response.output;
    assert.deepEqual([before.type, call.type, after.type], ["message", "web_search_call", "message"]);
    assert.equal(call.action.query, "Orson Kovats");
    assert.ok(call.action.sources.length > 0);
    const [part] = after.content;
    const [{ start_index, end_index }] = part.annotations;
    assert.equal([...part.text].slice(start_index, end_index).join(""), "[1]");
  });

  test("the stream helper puts a response together", async () => {
    const stream = client.responses.stream({ model, input: "Who is Orson Kovats?" });
    let text = "";
    stream.on("response.output_text.delta", ({ delta }) => { text += delta; });
    const response = await stream.finalResponse();
    assert.equal(text, LOOKED_UP);
    assert.equal(response.output_text, LOOKED_UP);
  });

  test("a conversation holds what was said", async () => {
    const conversation = await client.conversations.create({ metadata: { title: "Of cities" } });
    await client.responses.create({ model, input: "The capital?", conversation: conversation.id });
    const items = [];
    for await (const item of client.conversations.items.list(conversation.id, { order: "asc" })) items.push(item);
    assert.deepEqual(items.map((item) => item.role), ["user", "assistant"]);
    assert.equal(items[1].content[0].text, "Paris is the capital.");
    assert.equal((await client.conversations.delete(conversation.id)).deleted, true);
    await assert.rejects(client.conversations.retrieve(conversation.id), OpenAI.NotFoundError);
  });
});

describe("background", () => {
  test("an answer goes on without its client, and is followed again from any event", async () => {
    const stream = await client.responses.create({
      model, input: "Who is Orson Kovats?", background: true, stream: true,
    });
    const seen = [];
    for await (const event of stream) {
      seen.push(event);
      if (event.type === "response.output_text.delta") break;
    }
    stream.controller.abort();
    const { id } = seen[0].response;
    const last = seen.at(-1).sequence_number;
    const rest = await client.responses.retrieve(id, { stream: true, starting_after: last });
    for await (const event of rest) seen.push(event);
    assert.deepEqual(seen.map((event) => event.sequence_number), seen.map((_, place) => place));
    assert.equal(seen.at(-1).type, "response.completed");
    const deltas = seen.filter((event) => event.type === "response.output_text.delta");
    assert.equal(deltas.map((event) => event.delta).join(""), LOOKED_UP);
    assert.equal((await client.responses.retrieve(id)).output_text, LOOKED_UP);
  });

  test("an answer is asked after until it is there", async () => {
    const { id, status } = await client.responses.create({ model, input: "The capital?", background: true });
    assert.ok(["queued", "in_progress"].includes(status), status);
    await until(async () => (await client.responses.retrieve(id)).status === "completed");
    assert.equal((await client.responses.retrieve(id)).output_text, "Paris is the capital.");
  });

  test("an answer is cancelled", async () => {
    const stream = await client.responses.create({ model, input: "Count slowly.", background: true, stream: true });
    let id = null;
    for await (const event of stream) {
      id = event.response?.id ?? id;
      if (event.type === "response.output_text.delta") break;
    }
    stream.controller.abort();
    assert.equal((await client.responses.cancel(id)).status, "cancelled");
    await until(async () => (await metric("orson_answers_running")) === 0);
    const kept = await client.responses.retrieve(id);
    assert.equal(kept.status, "cancelled");
    assert.match(kept.output_text, /word/);
  });
});

describe("errors", () => {
  test("no model of this name", async () => {
    await assert.rejects(
      client.chat.completions.create({ model: "gpt-9", messages: asked("Hello") }),
      (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found" && Boolean(error.requestID),
    );
  });

  test("a parameter that nobody knows", async () => {
    for (const call of [
      client.chat.completions.create({ model, messages: asked("Hello"), frobnicate: 1 }),
      client.responses.create({ model, input: "Hello", frobnicate: 1 }),
    ]) {
      await assert.rejects(call, (error) => error instanceof OpenAI.BadRequestError && error.param === "frobnicate");
    }
  });

  test("a wrong key", async () => {
    const locked = process.env.ORSON_LOCKED_URL;
    await assert.rejects(connected(locked).models.list(), OpenAI.AuthenticationError);
    const models = await connected(locked, { apiKey: "k-1" }).models.list();
    assert.equal(models.data[0].id, model);
  });

  test("an engine that dies in mid-answer", async () => {
    const stream = await client.chat.completions.create({ model, messages: asked("It breaks."), stream: true });
    let text = "";
    await assert.rejects(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
    }, OpenAI.APIError);
    assert.equal(text, "It breaks");
  });
});
