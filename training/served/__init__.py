"""A served model, asked by the thousand over HTTP: any OpenAI-compatible server, Orson too."""
