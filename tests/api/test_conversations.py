"""`/v1/conversations` as the official client sees it, and answers that go on in one."""

from typing import Any

import openai
import pytest

from tests.api.stage import Engine, Gateway, passage

MODEL = "scripted"
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He wrote “Ähren” [1].")
HELLO: Any = {"role": "user", "content": "Hello, I am Bea."}


def test_an_answer_is_added_to_its_conversation(gateway: Gateway, engine: Engine) -> None:
    client = gateway.client()
    conversation = client.conversations.create(items=[HELLO], metadata={"title": "Bea"})
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    with client.responses.stream(
        model=MODEL, input="Who is Orson Kovats?", conversation=conversation.id
    ) as stream:
        first = stream.get_final_response()
    assert first.conversation is not None
    assert first.conversation.id == conversation.id
    items = list(client.conversations.items.list(conversation.id, order="asc"))
    assert [item.type for item in items] == [
        "message", "message", "message", "web_search_call", "message"
    ]  # fmt: skip
    engine.say("You are Bea.")
    client.responses.create(model=MODEL, input="Who am I?", conversation={"id": conversation.id})
    prompt = engine.text(engine.legs[0].prompt)
    said = ["Hello, I am Bea.", "Who is Orson Kovats?", "He wrote “Ähren” [1].", "Who am I?"]
    assert [prompt.index(text) for text in said] == sorted(prompt.index(text) for text in said)
    assert len(list(client.conversations.items.list(conversation.id))) == 7


def test_items_come_page_by_page(gateway: Gateway) -> None:
    client = gateway.client()
    items: Any = [{"role": "user", "content": str(number)} for number in range(7)]
    conversation = client.conversations.create(items=items)
    for order, expected in (("asc", "0123456"), ("desc", "6543210")):
        pages = client.conversations.items.list(conversation.id, limit=3, order=order)  # type: ignore[arg-type]
        assert pages.has_more
        texts = [item.content[0].text for item in pages]  # type: ignore[union-attr]
        assert "".join(texts) == expected


def test_items_are_added_read_and_forgotten(gateway: Gateway, engine: Engine) -> None:
    client = gateway.client()
    conversation = client.conversations.create()
    added = client.conversations.items.create(
        conversation.id, items=[HELLO, {"role": "assistant", "content": "Hello, Bea."}]
    )
    hello, reply = added.data
    assert client.conversations.items.retrieve(hello.id, conversation_id=conversation.id) == hello  # type: ignore[arg-type]
    again: Any = [{"type": "item_reference", "id": hello.id}, {"role": "user", "content": "So?"}]
    engine.say("So.")
    client.responses.create(model=MODEL, input=again, conversation=conversation.id)
    assert engine.text(engine.legs[0].prompt).count("I am Bea.") == 2
    left = client.conversations.items.delete(reply.id, conversation_id=conversation.id)  # type: ignore[arg-type]
    assert left.id == conversation.id
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.retrieve(reply.id, conversation_id=conversation.id)  # type: ignore[arg-type]


def test_found_renamed_and_forgotten(gateway: Gateway) -> None:
    client = gateway.client()
    conversation = client.conversations.create(metadata={"title": "Old"})
    changed = client.conversations.update(conversation.id, metadata={"title": "New"})
    assert changed.metadata == {"title": "New"}
    assert client.conversations.retrieve(conversation.id) == changed
    gone = client.conversations.delete(conversation.id)
    assert (gone.id, gone.deleted, gone.object) == (
        conversation.id, True, "conversation.deleted"
    )  # fmt: skip
    for call in (client.conversations.retrieve, client.conversations.delete):
        with pytest.raises(openai.NotFoundError):
            call(conversation.id)
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.list(conversation.id)


def test_conversations_are_listed_and_searched(gateway: Gateway) -> None:
    """An addition of ours, which a client with a list of chats can't do without."""
    client = gateway.client()
    made = [
        client.conversations.create(
            items=[{"role": "user", "content": f"About zeppelins, part {number}"}],
            metadata={"title": f"Airships {number}"},
        ).id
        for number in range(3)
    ]
    first = gateway.get("/v1/conversations", params={"query": "ZEPPELINS", "limit": 2}).json()
    assert (first["object"], first["has_more"]) == ("list", True)
    rest = gateway.get(
        "/v1/conversations", params={"query": "zeppelins", "after": first["last_id"]}
    ).json()
    assert not rest["has_more"]
    assert sorted(each["id"] for each in (*first["data"], *rest["data"])) == sorted(made)
    titled = gateway.get("/v1/conversations", params={"query": "airships 1"}).json()
    assert [each["id"] for each in titled["data"]] == [made[1]]
    assert titled["data"][0]["metadata"] == {"title": "Airships 1"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/v1/conversations", {"items": [{"role": "x"}]}, 400),
        ("post", "/v1/conversations", {"items": [HELLO] * 21}, 400),
        ("post", "/v1/conversations", {"metadata": {str(n): "x" for n in range(17)}}, 400),
        ("post", "/v1/conversations/conv_1", {"metadata": {}}, 404),
        ("post", "/v1/conversations/conv_1", {}, 400),
        ("post", "/v1/conversations/conv_1/items", {"items": [HELLO]}, 404),
        ("post", "/v1/conversations/conv_1/items", {"items": []}, 400),
        ("get", "/v1/conversations/conv_1/items?limit=0", None, 400),
        ("get", "/v1/conversations?order=up", None, 400),
        ("get", "/v1/conversations/conv_1/items/msg_1", None, 404),
    ],
)
def test_what_is_wrong_is_named(
    gateway: Gateway, method: str, path: str, body: Any, status: int
) -> None:
    reply = gateway.post(path, json=body) if method == "post" else gateway.get(path)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]
    assert reply.json()["error"]["param"]


def test_a_conversation_may_be_made_without_a_body(gateway: Gateway) -> None:
    assert gateway.post("/v1/conversations").json()["object"] == "conversation"
