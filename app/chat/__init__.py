"""Producing one answer. No HTTP, no Redis, no engine: those come in through `ports`."""
