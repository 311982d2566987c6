"""One module for each command: its options, the calls it makes, and what it shows."""
