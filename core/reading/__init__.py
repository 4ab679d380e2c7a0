"""The questions: frozen rows out, no writes. Every answer asks for the permission to see it."""
