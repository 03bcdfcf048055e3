"""How a script of the workflow runs and what it leaves behind: arguments, digests of code, records, the archive."""
