"""Names of conditions that mean something here; all others are instructions, whatever a configuration calls them."""

PLAIN = "plain"  # the sentence alone
NOISE = "noise"  # words without meaning before it, as the paper has them
