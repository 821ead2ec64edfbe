"""From what stands in a span to the block of results: query, search, findings, injection."""
