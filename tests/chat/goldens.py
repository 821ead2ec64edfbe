"""Token streams as models of each family write them, and what is to become of them.

Written from what the families document and publish: the chat templates and cookbooks of Qwen,
Hermes, Llama and Mistral, OpenAI's description of harmony, the code and papers of Search-R1,
Search-o1 and ReSearch. One search each; the search finds one passage, "Ana Lindqvist won it."
"""

from dataclasses import dataclass

from app.dialect.harmony import HARMONY
from app.dialect.markers import ORSON, Dialect
from app.dialect.tags import RE_SEARCH, SEARCH_O1, SEARCH_R1
from app.dialect.tool_calls import HERMES, LLAMA3, MISTRAL, MISTRAL_NEMO, MISTRAL_V3, QWEN

LINE = "[1] Harwick Prize (harwick.example, 2031-05-02): Ana Lindqvist won it."
JSON_LINE = LINE  # nothing in it that JSON escapes
HEADER = "<|start_header_id|>assistant<|end_header_id|>\n\n"


@dataclass(frozen=True, slots=True)
class Golden:
    """One answer."""

    dialect: Dialect
    end: str
    """The token that ends a turn."""
    legs: tuple[str, ...]
    query: str
    injected: str
    text: str
    reasoning: str = ""
    opens: str = ""
    """What the chat template writes at the head of the model's turn."""


GOLDENS = {
    "orson": Golden(
        ORSON, "<|end|>",
        ("I look it up. [SEARCH_START] Harwick Prize 2031[SEARCH_END]", "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f"[RESULTS_START]\n{LINE}\n[RESULTS_END]",
        "I look it up. Ana Lindqvist [1].",
    ),
    "orson, thinking": Golden(
        ORSON, "<|end|>",
        ("<think>\nWho? [SEARCH_START] Harwick Prize 2031[SEARCH_END]",
         "So Ana.\n</think>\n\nAna Lindqvist [1]."),
        "Harwick Prize 2031",
        f"[RESULTS_START]\n{LINE}\n[RESULTS_END]",
        "Ana Lindqvist [1].",
        "Who? So Ana.\n",
    ),
    "search-r1": Golden(
        SEARCH_R1, "<|im_end|>",
        ("<think>I need to find who won.</think>\n\n<search> 2031 Harwick Prize winner </search>",
         "<think>Ana Lindqvist did.</think>\n\n<answer> Ana Lindqvist </answer> and on and on"),
        "2031 Harwick Prize winner",
        "\n\n<information>Doc 1(Title: Harwick Prize) Ana Lindqvist won it.</information>\n\n",
        "Ana Lindqvist ",
        "I need to find who won.Ana Lindqvist did.",
    ),
    "re-search": Golden(
        RE_SEARCH, "<|im_end|>",
        ("<think> Who won it? </think> <search> Harwick Prize 2031 winner </search>",
         "<think> Ana. </think> <answer> The final answer is \\[ \\boxed{Ana Lindqvist} \\] "
         "</answer>"),
        "Harwick Prize 2031 winner",
        f" <result>\n{LINE}\n</result>\n",
        "The final answer is \\[ \\boxed{Ana Lindqvist} \\] ",
        "Who won it?  Ana. ",
    ),
    "search-o1, in a thought that the template opens": Golden(
        SEARCH_O1, "<|im_end|>",
        ("Alright, I need the winner.\n\n<|begin_search_query|>Harwick Prize 2031"
         "<|end_search_query|>",
         "It was Ana.\n</think>\n\nAna Lindqvist won [1]."),
        "Harwick Prize 2031",
        f"\n\n<|begin_search_result|>\n{LINE}\n<|end_search_result|>\n\n",
        "Ana Lindqvist won [1].",
        "Alright, I need the winner.\n\nIt was Ana.\n",
        opens="<think>\n",
    ),
    "qwen 2.5": Golden(
        QWEN, "<|im_end|>",
        ('<tool_call>\n{"name": "web_search", "arguments": {"query": "Harwick Prize 2031"}}\n'
         "</tool_call>",
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|im_end|>\n<|im_start|>user\n<tool_response>\n" + LINE
        + "\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
        "Ana Lindqvist [1].",
    ),
    "qwen 3, thinking": Golden(
        QWEN, "<|im_end|>",
        ('<think>\nI should search.\n</think>\n\n<tool_call>\n{"name": "web_search", "arguments": '
         '{"query": "Harwick Prize 2031"}}\n</tool_call>',
         "<think>\nFound.\n</think>\n\nAna Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|im_end|>\n<|im_start|>user\n<tool_response>\n" + LINE
        + "\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
        "Ana Lindqvist [1].",
        "I should search.\n\nFound.\n",
    ),
    "qwq: the template opens the thought, and so do we": Golden(
        QWEN, "<|im_end|>",
        ('I should search.\n</think>\n\n<tool_call>\n{"name": "web_search", "arguments": '
         '{"query": "Harwick Prize 2031"}}\n</tool_call>',
         "Found.\n</think>\n\nAna Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|im_end|>\n<|im_start|>user\n<tool_response>\n" + LINE
        + "\n</tool_response><|im_end|>\n<|im_start|>assistant\n<think>\n",
        "Ana Lindqvist [1].",
        "I should search.\nFound.\n",
        opens="<think>\n",
    ),
    "qwen, the end marker forgotten": Golden(
        QWEN, "<|im_end|>",
        ('<tool_call>\n{"name": "web_search", "arguments": {"query": "Harwick Prize 2031"}}\n',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        # The model ended its turn itself: its token is not written twice.
        "\n<|im_start|>user\n<tool_response>\n" + LINE
        + "\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
        "Ana Lindqvist [1].",
    ),
    "hermes": Golden(
        HERMES, "<|im_end|>",
        ('<tool_call>\n{"arguments": {"query": "Harwick Prize 2031"}, "name": "web_search"}\n'
         "</tool_call>",
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|im_end|>\n<|im_start|>tool\n<tool_response>\n" + LINE
        + "\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
        "Ana Lindqvist [1].",
    ),
    "llama 3.1, bare": Golden(
        LLAMA3, "<|eot_id|>",
        ('{"name": "web_search", "parameters": {"query": "Harwick Prize 2031"}}',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        '<|start_header_id|>ipython<|end_header_id|>\n\n{"output": "' + JSON_LINE
        + '"}<|eot_id|>' + HEADER,
        "Ana Lindqvist [1].",
    ),
    "llama 3.1, a built-in tool": Golden(
        LLAMA3, "<|eot_id|>",
        ('<|python_tag|>brave_search.call(query="Harwick Prize 2031")<|eom_id|>',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        '<|start_header_id|>ipython<|end_header_id|>\n\n{"output": "' + JSON_LINE
        + '"}<|eot_id|>' + HEADER,
        "Ana Lindqvist [1].",
    ),
    "mistral v13": Golden(
        MISTRAL, "</s>",
        ('[TOOL_CALLS]web_search[ARGS]{"query": "Harwick Prize 2031"}', "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f"[TOOL_RESULTS]{LINE}[/TOOL_RESULTS]",
        "Ana Lindqvist [1].",
    ),
    "mistral v11": Golden(
        MISTRAL, "</s>",
        ('[TOOL_CALLS]web_search[CALL_ID]VvvODy9mT[ARGS]{"query": "Harwick Prize 2031"}',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f"[TOOL_RESULTS]VvvODy9mT[TOOL_CONTENT]{LINE}[/TOOL_RESULTS]",
        "Ana Lindqvist [1].",
    ),
    "magistral": Golden(
        MISTRAL, "</s>",
        ('[THINK]I search.[/THINK][TOOL_CALLS]web_search[ARGS]{"query": "Harwick Prize 2031"}',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f"[TOOL_RESULTS]{LINE}[/TOOL_RESULTS]",
        "Ana Lindqvist [1].",
        "I search.",
    ),
    "mistral v3": Golden(
        MISTRAL_V3, "</s>",
        ('[TOOL_CALLS] [{"name": "web_search", "arguments": {"query": "Harwick Prize 2031"}, '
         '"id": "VvvODy9mT"}]',
         " Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f'[TOOL_RESULTS] {{"content": "{JSON_LINE}", "call_id": "VvvODy9mT"}}[/TOOL_RESULTS]',
        "Ana Lindqvist [1].",
    ),
    "mistral nemo": Golden(
        MISTRAL_NEMO, "</s>",
        ('[TOOL_CALLS][{"name": "web_search", "arguments": {"query": "Harwick Prize 2031"}, '
         '"id": "VvvODy9mT"}]',
         "Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        f'[TOOL_RESULTS]{{"content": "{JSON_LINE}", "call_id": "VvvODy9mT"}}[/TOOL_RESULTS]',
        "Ana Lindqvist [1].",
    ),
    "gpt-oss": Golden(
        HARMONY, "<|return|>",
        ("<|channel|>analysis<|message|>We need to browse.<|end|><|start|>assistant<|channel|>"
         'analysis to=browser.search code<|message|>{"query": "Harwick Prize 2031", "topn": 10}'
         "<|call|>",
         "<|channel|>analysis<|message|>Found it.<|end|><|start|>assistant<|channel|>final"
         "<|message|>Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|start|>browser.search to=assistant<|channel|>commentary<|message|>"
        "[1] Harwick Prize (harwick.example, 2031-05-02)\nL0: Ana Lindqvist won it."
        "<|end|><|start|>assistant",
        "Ana Lindqvist [1].",
        "We need to browse.Found it.",
    ),
    "gpt-oss, the recipient with the author, on commentary, with a preamble": Golden(
        HARMONY, "<|return|>",
        ("<|channel|>commentary<|message|>I will look. <|end|><|start|>assistant to=browser.search"
         '<|channel|>commentary <|constrain|>json<|message|>{"query":"Harwick Prize 2031"}<|call|>',
         "<|channel|>final<|message|>Ana Lindqvist [1]."),
        "Harwick Prize 2031",
        "<|start|>browser.search to=assistant<|channel|>commentary<|message|>"
        "[1] Harwick Prize (harwick.example, 2031-05-02)\nL0: Ana Lindqvist won it."
        "<|end|><|start|>assistant",
        "I will look. Ana Lindqvist [1].",
    ),
}  # fmt: skip
