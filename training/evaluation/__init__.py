"""Measuring a running gateway: ask it, mark what it said, report how often it did well."""
