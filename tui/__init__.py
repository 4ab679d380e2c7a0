"""Everything that happens in a terminal: the full-screen console and the one-shot commands."""
