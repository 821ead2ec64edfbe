"""The subcommands of `orson`, one per file."""
