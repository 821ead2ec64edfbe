"""Search providers behind one small protocol. A leaf: imports nothing else of this project."""
