"""The gateway: everything between a public API and a model server."""
