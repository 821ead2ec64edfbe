"""Answers that belong to the gateway and not to the connection that asked."""
