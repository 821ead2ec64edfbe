"""The web's search providers, one dialect a file: each a pure pair of request and passages."""
