"""Public formats <-> chat types. Pure and synchronous."""
