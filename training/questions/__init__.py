"""Questions with short answers: from documents by a model, from facts by templates."""
