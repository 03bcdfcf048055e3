"""From tables of observations to tests, one module a question (DESIGN, section 5)."""
