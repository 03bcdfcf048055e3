"""Events to saccades, and simulated readers."""
