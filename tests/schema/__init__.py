"""Schemathesis over the OpenAPI document: `make test-api`."""
