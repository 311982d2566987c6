"""What runs in the child process. It imports the standard library and the workbook library, nothing else.

Here the package is called `child`, and nothing of pmsync is at hand: modules import each other relatively.
"""
