"""The console's own widgets, and the plain Python under them."""
