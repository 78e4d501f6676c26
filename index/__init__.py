"""Which passages matter: Passages become an Index; a Question becomes ScoredPassages."""
