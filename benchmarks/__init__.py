"""What each number in the README was measured with."""
