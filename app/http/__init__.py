"""Routes, and the stream that carries an answer to its client."""
