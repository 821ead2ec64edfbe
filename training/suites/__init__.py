"""Questions to measure with, and the code that made them from facts and hand-written wordings."""
