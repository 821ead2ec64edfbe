"""Teach a small model what it knows, when to search, and when to say it does not know."""
