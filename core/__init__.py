"""One company's people, invitations and license seats: every rule, no front end."""
