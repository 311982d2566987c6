"""The only place where effects are put in sequence: read, plan, send, wait, write down, read again."""
