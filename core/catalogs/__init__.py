"""The sentences of the page and the mails in other languages, a catalog each; how they are kept is told in core/README.md."""
