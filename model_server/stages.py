"""How far vLLM's start has come, read off its log. Pure; a line that says nothing says None."""

import re

STAGES = (
    (r"Resolved architecture", "reading the model's configuration"),
    (r"[Dd]ownloading|Fetching \d+ files", "downloading the weights"),
    (r"Initializing a V\d LLM engine|Starting to load model", "loading the weights"),
    (r"Loading weights took|Model loading took", "weights are loaded"),
    (r"torch\.compile|[Cc]ompiling a graph|Warming up model", "compiling the model"),
    (r"KV cache size|# (?:GPU|CPU) blocks", "laying out the prefix cache"),
    (r"[Cc]apturing (?:CUDA )?[Gg]raph|Graph capturing", "capturing CUDA graphs"),
    (r"Starting vLLM .*server|Application startup complete", "opening its port"),
)
"""In the order in which they come; the texts are vLLM's own, of the versions we support. One that
changes costs a word of progress and nothing else."""


def stage(line: str) -> str | None:
    """What this line of the log says that vLLM is at."""
    return next((words for pattern, words in STAGES if re.search(pattern, line)), None)
