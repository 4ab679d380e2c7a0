"""A screen or dialog a file."""
