"""Word-level attention of any block of layers of a causal language model."""
