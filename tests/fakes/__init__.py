"""Stand-ins for what the core needs from outside. No sockets, no sleeping, no randomness."""
