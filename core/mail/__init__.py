"""Mails: what they say, how they look, how they leave. Which mail goes to whom stands in the outbox."""
