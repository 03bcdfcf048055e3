"""Tables that a person reads, numbered as in the paper where it has the table; the summary in plain words."""
