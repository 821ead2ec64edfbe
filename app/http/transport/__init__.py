"""Bytes in and out: the bounds on a request, the stream of an answer, its pulse, its end."""
