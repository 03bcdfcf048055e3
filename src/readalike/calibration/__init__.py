"""How often the tests of `statistics` are wrong, on readers and attention that are simulated. No rule reaches this."""
