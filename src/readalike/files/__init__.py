"""The formats of all files between rules; no other module knows them."""
