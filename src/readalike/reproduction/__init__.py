"""The published numbers beside those computed here: from the authors' released files and public data."""
