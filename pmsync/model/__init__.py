"""The nouns of pmsync: frozen structs that every other room speaks in.

Nothing here reads a file, a clock or a socket, and nothing here knows a library outside the standard one.
"""
