"""The two hosts: the tenant's API, which gets the key, and its bucket, which gets the files.

`session` and `uploads` are costly to import (requests, urllib3); import them where a tenant is really asked.
"""
