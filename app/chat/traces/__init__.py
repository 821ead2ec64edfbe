"""What an answer was made of, written while it is made, and made again from that."""
