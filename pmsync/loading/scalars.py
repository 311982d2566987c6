"""What the texts of a file become where their field says more than text: flags, counts, sizes, durations.

Each function takes what stands in the file and answers with the value, or complains with the code of a
diagnostic. This module must not know in which fields they stand.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Final, TypeGuard

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from pmsync.loading.problems import shown
from pmsync.loading.tree import Quoted

PATTERN: Final = (
    r"(?:~=|==|!=|<=|>=|<|>) ?[0-9][0-9A-Za-z.*+!-]{0,39}"
    r"(?: ?, ?(?:~=|==|!=|<=|>=|<|>) ?[0-9][0-9A-Za-z.*+!-]{0,39}){0,9}"
)
"""As far as an editor can check it: not every text that it matches is one."""


_SHAPE: Final = re.compile(PATTERN)


def is_requirement(value: object) -> TypeGuard[str]:
    """Whether a value of a file is a requirement."""
    if not isinstance(value, str) or not _SHAPE.fullmatch(value):
        return False
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - costs 10 ms

    try:
        SpecifierSet(value)
    except InvalidSpecifier:
        return False
    return True


def meets(version: str, requirement: str) -> bool:
    """Whether a version is one that is asked for; what comes before a release counts as it."""
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - costs 10 ms

    return SpecifierSet(requirement).contains(version, prereleases=True)


_FLAGS: Final = {"true": True, "false": False}
_DIGITS: Final = re.compile(r"[0-9]{1,15}")
_SIZE: Final = re.compile(r"([0-9]{1,15}) ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?")
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8}) ?([smhd])")
_URL: Final = re.compile(
    r"https?://(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~%!$&'()*+,;=:/-]*)?"
)
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")
_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~+=-]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KEY: Final = r"[a-z0-9][a-z0-9_-]*"
_ADDRESS: Final = re.compile(rf"(?s)folder:.+|{_KEY}(?:\.{_KEY}(?:/.+)?)?")
_LATER: Final = re.compile(r"git|(?:s3|gs|az)://.*", re.DOTALL)
_UNITS: Final = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_BINARY_UNITS: Final = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def kind_of(value: object) -> str:
    """What stands there, in words."""
    match value:
        case None:
            return "nothing"
        case str():
            return f"the text {shown(value)}"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def _refused(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """Braces would be taken for fields of the message, so it is handed over as one."""
    return PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def wrong(value: object, wanted: str, hint: str = "") -> PydanticCustomError:
    """The complaint about a value of the wrong kind."""
    return _refused("PM017", f"{wanted} is expected here, not {kind_of(value)}", hint)


def flag(value: object) -> bool:
    """`true` or `false`, without quotes."""
    if isinstance(value, str) and not isinstance(value, Quoted) and value in _FLAGS:
        return _FLAGS[value]
    quoted = isinstance(value, Quoted) and value in _FLAGS
    raise wrong(value, "true or false", "leave out the quotes" if quoted else "")


def count(value: object) -> int:
    """Decimal digits, without quotes."""
    if isinstance(value, str) and not isinstance(value, Quoted) and _DIGITS.fullmatch(value):
        return int(value)
    raise wrong(value, "a whole number")


def size(value: object) -> int:
    """Bytes: `50 GiB`, `500 MB`, or digits alone."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong(value, "a size", "such as 500 MB or 50 GiB")
    unit = found[2] or "B"
    return int(found[1]) * (_UNITS.get(unit) or _BINARY_UNITS.get(unit) or 1)


def duration(value: object) -> float:
    """Seconds: `90s`, `10m`, `2h`, `7d`; never zero."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong(value, "a duration", "such as 90s, 10m, 2h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


def share(value: object) -> float:
    """A part of the whole: `50%` is 0.5; `off` is infinity, which no part exceeds."""
    if value == "off" and not isinstance(value, Quoted):
        return math.inf
    found = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if not found or float(found[1]) > 100:
        raise wrong(value, "a share of the rows", "such as 50%, or off")
    return float(found[1]) / 100


def tenant_id(value: object) -> str:
    """One segment of a URL's path."""
    if not isinstance(value, str):
        raise wrong(value, "a tenant id")
    if not _TENANT.fullmatch(value):
        hint = "such as 0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10"
        raise _refused("PM103", f"{shown(value)} is no tenant id", hint)
    return str(value)


def api_url(value: object) -> str:
    """An http(s) URL of host, port and path. It is not repeated in the complaint: it may hold a secret."""
    found = _URL.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found["port"] or 0) > 0xFFFF:
        message = "apiUrl is not an http(s) URL without user name, password, query and fragment"
        raise _refused("PM104", message, "the default is https://api.processmind.com")
    return found[0]


def state_place(value: object) -> str:
    """What keeps the state: only a folder of this machine, so far."""
    if not isinstance(value, str):
        raise wrong(value, "a place for the state", "such as file")
    if _LATER.fullmatch(value):
        message = f"a state in {shown(value)} comes with a later version of pmsync"
        raise _refused("PM105", message, "until then: state: file, on a machine that keeps it")
    if value != "file":
        raise _refused("PM105", f"{shown(value)} is no place for a state", "state: file")
    return "file"


def requires(value: object) -> str:
    """Which versions of pmsync are asked for: `>=0.2`, or several such, with commas between."""
    if is_requirement(value):
        return str(value)
    raise wrong(value, "which versions of pmsync it needs", 'such as ">=0.2" or ">=0.2,<1"')


def sha256(value: object) -> str:
    """64 hexadecimal digits in lower case."""
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise _refused("PM303", f"a sha256 of 64 hexadecimal digits is expected here, not {kind_of(value)}")
    return str(value)


def address(value: object) -> str:
    """An address, not a glob: an approval is for one thing."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        hint = "such as order-to-cash, order-to-cash.events or order-to-cash.events/events.csv"
        raise _refused("PM302", f"an address is expected here, not {kind_of(value)}", hint)
    return str(value)


# An editor reads YAML 1.2, where a scalar without quotes may be a number or a flag.
_SCALAR: Final = ["string", "number", "boolean"]
_SIZE_TEXT: Final = {"type": "string", "pattern": f"^{_SIZE.pattern}$"}

Flag = Annotated[bool, BeforeValidator(flag), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, BeforeValidator(count), WithJsonSchema({"type": "integer", "minimum": 0})]
Size = Annotated[
    int, BeforeValidator(size), WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, _SIZE_TEXT]})
]
Duration = Annotated[
    float,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Share = Annotated[
    float,
    BeforeValidator(share),
    WithJsonSchema({"type": "string", "pattern": f"^(?:off|{_SHARE.pattern})$"}),
]
TenantId = Annotated[
    str, BeforeValidator(tenant_id), WithJsonSchema({"type": _SCALAR, "pattern": f"^{_TENANT.pattern}$"})
]
ApiUrl = Annotated[
    str,
    BeforeValidator(api_url),
    WithJsonSchema({"type": "string", "pattern": f"^{_URL.pattern.replace('?P<port>', '?:')}$"}),
]
StatePlace = Annotated[str, BeforeValidator(state_place), WithJsonSchema({"enum": ["file"]})]
Requires = Annotated[
    str,
    BeforeValidator(requires),
    WithJsonSchema({"type": "string", "pattern": f"^{PATTERN}$"}),
]
Sha256 = Annotated[
    str, BeforeValidator(sha256), WithJsonSchema({"type": _SCALAR, "pattern": f"^{_SHA256.pattern}$"})
]
AddressText = Annotated[
    str,
    BeforeValidator(address),
    WithJsonSchema({"type": _SCALAR, "pattern": rf"^(folder:[\s\S]+|{_KEY}(\.{_KEY}(/[\s\S]+)?)?)$"}),
]
