"""Other people's files, turned into the project's own formats."""
