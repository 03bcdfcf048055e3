"""Damaged and hostile files: whatever a reader is given, it reads it or says in one message what is wrong."""
