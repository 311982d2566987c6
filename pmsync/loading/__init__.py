"""YAML files as nouns: the project, the manifest of an environment, approvals, saved plans.

Nothing here sends or plans anything. repository.py is the way in.
"""
