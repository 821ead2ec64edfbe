"""Your own model, taught what it knows: fine-tuning any Hugging Face causal model on conversations.

Needs the extra `train`. `sft` learns from conversations, `rl` from its own answers.
"""
