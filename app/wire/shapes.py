"""The bodies that the API answers with, as JSON schemas, for its OpenAPI document.

They say what a client may count on: fields that are always there are `required`; others may come.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES: Schema = {"type": "boolean"}
ANY: Schema = {"type": "object", "additionalProperties": True}


def ref(name: str) -> Schema:
    """A schema of the document, by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": schema}


def one_of(*values: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(values)}


def thing(**fields: Schema) -> Schema:
    """An object that has these fields, and may have others."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def page(name: str) -> Schema:
    """Part of a list."""
    return thing(
        object=one_of("list"),
        data=many(ref(name)),
        first_id=TEXT,
        last_id=TEXT,
        has_more=YES,
    )


def deleted(kind: str) -> Schema:
    """What a deletion answers."""
    return thing(id=TEXT, object=one_of(kind), deleted=YES)


_USAGE = {
    "generated_tokens": COUNT,
    "injected_tokens": COUNT,
    "searches": COUNT,
    "legs": many(ANY),
}
_SEARCH = thing(queries=many(TEXT), provider=TEXT, results=many(ANY))

SHAPES: dict[str, Schema] = {
    "Error": thing(
        error=thing(message=TEXT, type=TEXT, param=maybe(TEXT), code=maybe(TEXT)),
    ),
    "AnthropicError": thing(
        type=one_of("error"),
        error=thing(type=TEXT, message=TEXT),
        request_id=maybe(TEXT),
    ),
    "ChatCompletion": thing(
        id=TEXT,
        object=one_of("chat.completion"),
        created=COUNT,
        model=TEXT,
        choices=many(
            thing(
                index=COUNT,
                message=thing(
                    role=one_of("assistant"),
                    content=maybe(TEXT),
                    refusal=maybe(TEXT),
                    annotations=many(ANY),
                ),
                finish_reason=maybe(one_of("stop", "length")),
            )
        ),
        usage=thing(prompt_tokens=COUNT, completion_tokens=COUNT, total_tokens=COUNT, **_USAGE),
        search=many(_SEARCH),
    ),
    "ChatCompletionDeleted": deleted("chat.completion.deleted"),
    "Item": thing(id=TEXT, type=TEXT),
    "ItemList": page("Item"),
    "Response": thing(
        id=TEXT,
        object=one_of("response"),
        created_at=COUNT,
        status=one_of("queued", "in_progress", "completed", "incomplete", "failed", "cancelled"),
        background=maybe(YES),
        error=maybe(thing(code=TEXT, message=TEXT)),
        incomplete_details=maybe(ANY),
        instructions=maybe(TEXT),
        metadata=maybe(ANY),
        model=TEXT,
        output=many(ref("Item")),
        previous_response_id=maybe(TEXT),
        usage=maybe(thing(input_tokens=COUNT, output_tokens=COUNT, total_tokens=COUNT, **_USAGE)),
    ),
    "ResponseDeleted": deleted("response"),
    "ResponseInputTokens": thing(object=one_of("response.input_tokens"), input_tokens=COUNT),
    "Conversation": thing(
        id=TEXT,
        object=one_of("conversation"),
        created_at=COUNT,
        metadata=ANY,
        updated_at=COUNT,
    ),
    "ConversationList": page("Conversation"),
    "ConversationDeleted": deleted("conversation.deleted"),
    "Message": thing(
        id=TEXT,
        type=one_of("message"),
        role=one_of("assistant"),
        model=TEXT,
        content=many(thing(type=TEXT)),
        stop_reason=maybe(TEXT),
        stop_sequence=maybe(TEXT),
        usage=thing(input_tokens=COUNT, output_tokens=COUNT),
    ),
    "MessageTokens": thing(input_tokens=COUNT),
    "Model": thing(
        id=TEXT,
        object=one_of("model"),
        created=COUNT,
        owned_by=TEXT,
        context_window=COUNT,
    ),
    "ModelList": thing(object=one_of("list"), data=many(ref("Model"))),
    "Health": thing(status=one_of("ok")),
    "Readiness": thing(status=one_of("ready", "not ready"), engine=TEXT, store=TEXT),
}
