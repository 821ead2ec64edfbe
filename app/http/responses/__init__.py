"""OpenAI's Responses and Conversations APIs: their routes, and how a response is made and kept."""
