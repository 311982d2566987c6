"""A stand-in ProcessMind tenant: the API and its upload bucket on two loopback ports.

Written from the vendor's API reference alone. Nothing of pmsync may be imported here and only the command
line and tests may import this package: client and stand-in would otherwise share their misreadings.
`server.running` is the door; `docs/emulator.md` says what is documented and what is assumed.
"""
