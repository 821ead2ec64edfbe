"""OpenAI's formats: Chat Completions, Responses, Conversations."""
