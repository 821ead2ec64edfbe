"""Who asks, and what he may use."""
