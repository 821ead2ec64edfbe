"""What a served model makes of a dialect: which one it speaks, in which tokens, and how often."""
