"""Engines: token ids in, token ids out, over a model server's HTTP."""
