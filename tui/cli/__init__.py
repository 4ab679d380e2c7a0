"""The one-shot commands. Each is a small file that imports what it needs when it runs, so that `--help` stays quick."""
