"""Reading the pages that a search found: fetched safely, taken apart elsewhere, ranked."""
