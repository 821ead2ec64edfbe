"""What becomes of the answer's prose on its way out: citations, links, stop strings, tokens."""
