"""Asking a served model what it knows: requests, judging, agreement between samples."""
