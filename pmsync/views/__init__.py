"""Plans, reports, events and errors as text and JSON: views render, and decide nothing.

The home of rich. Every text that could come from a tenant, a file or a manifest passes one of escape's
functions on its way out. This room must not know how a plan is made, what a flag means, or where output goes.
"""
