"""Which certificates a TLS connection believes: those that the operator named, or else those that came along.

What is named takes the place of the others, as with requests, curl and OpenSSL, and a file is read at bounded
length. This module must not know hosts or keys.
"""

from __future__ import annotations

import os
import re
import ssl
from typing import Final

from pmsync.disk.named import read_named
from pmsync.disk.refusals import Untrusted, why
from pmsync.errors import UsageProblem
from pmsync.tenant.connection import PatientTls
from pmsync.tenant.outbound import Certificates

_LARGEST: Final = 16 * 1024 * 1024
_PEM: Final = re.compile(
    rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----[\sA-Za-z0-9+/=]*-----END \1-----", re.ASCII
)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]{1,3}", re.ASCII)
_HINT: Final = "name a file of certificates in PEM (-----BEGIN CERTIFICATE-----)"


def trust(certificates: tuple[Certificates, ...]) -> ssl.SSLContext:
    """A TLS context that believes these and nothing else. Raises UsageProblem where one cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = PatientTls
    useless = []
    for one in certificates:
        if not one.variable:
            context.load_verify_locations(cafile=one.path)
        elif not os.path.isdir(one.path):
            _load(context, one)
        elif _holds_hashes(one):
            context.load_verify_locations(capath=one.path)
        else:
            useless.append(one)
    if useless and len(useless) == len(certificates):  # beside others it is as harmless as to OpenSSL
        hint = f"openssl rehash {useless[0].path} makes them; or name a file in SSL_CERT_FILE"
        raise _unusable(useless[0], "holds no certificate under the name of its hash", hint)
    return context


def _load(context: ssl.SSLContext, one: Certificates) -> None:
    try:
        data = read_named(one.path, _LARGEST)
    except (OSError, Untrusted, ValueError) as error:
        reason = "no such path" if isinstance(error, ValueError) else why(error)
        raise _unusable(one, f"cannot be read: {reason}", _HINT) from None
    found = [match[0] for match in _PEM.finditer(data)]
    if not found:
        der = data[:2] == b"\x30\x82"
        hint = f"openssl x509 -inform der -in {one.path} -out ca.pem, and name that" if der else _HINT
        raise _unusable(one, f"holds no certificate in PEM{' (this is DER)' if der else ''}", hint)
    try:
        context.load_verify_locations(cadata=b"\n".join(found).decode("ascii"))
    except ssl.SSLError:
        raise _unusable(one, "holds a certificate that cannot be read", _HINT) from None


def _holds_hashes(one: Certificates) -> bool:
    try:
        return any(_HASHED.fullmatch(name) for name in os.listdir(one.path))
    except OSError as error:
        raise _unusable(one, f"cannot be read: {why(error)}", "name a folder that may be listed") from None


def _unusable(one: Certificates, fault: str, hint: str) -> UsageProblem:
    return UsageProblem(f"{one.path} {fault}", where=one.variable, hint=hint)
