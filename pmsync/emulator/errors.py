"""What can go wrong in the emulator, told apart by who has to act.

EmulatorError            the emulator cannot start or carry on: whoever started it acts
Refusal                  a request of the API is refused: the client acts
├── NotFound             no such thing
├── Invalid              the request itself is wrong
└── Conflict             the request is right, but what is there stands in its way

Must not know of HTTP: which status a refusal gets is decided in routes.
"""


class EmulatorError(Exception):
    """The emulator cannot start or carry on; the text says why and what to do."""


class Refusal(Exception):
    """A request that gets no; the text is the `message` of the JSON answer."""


class NotFound(Refusal):
    """The tenant has no such thing."""


class Invalid(Refusal):
    """The request is malformed or names what cannot be."""


class Conflict(Refusal):
    """What the tenant holds already stands in the way."""
