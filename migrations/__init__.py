"""Numbered steps from an empty database to today's schema; they import nothing from core, so they never change."""
