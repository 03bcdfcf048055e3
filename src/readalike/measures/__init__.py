"""Resemblance, ceilings, reliance, divergence and loss of one model, one group or one pair."""
