"""What Schemathesis needs to know to get past the first check: the name of the served model.

And that a long answer is no better test than a short one.
"""

from typing import Any

import schemathesis

SERVED = "scripted"
MOST_TOKENS = 64


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """In place of any text, `model` is the one that is served; invalid bodies name others still."""
    for methods in raw_schema["paths"].values():
        for operation in methods.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                for example in body.get("examples", {}).values():
                    if "model" in example["value"]:
                        example["value"]["model"] = SERVED
    for schema in raw_schema["components"]["schemas"].values():
        fields = schema.get("properties", {})
        if "model" in fields and schema.get("type") == "object" and "object" not in fields:
            fields["model"] = {"type": "string", "enum": [SERVED]}
        for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
            if name in fields:
                fields[name] = {"type": "integer", "minimum": 1, "maximum": MOST_TOKENS}
