"""The verbs, a file per noun. Each takes an open transaction, applies rules, writes rows, audit and outbox."""
