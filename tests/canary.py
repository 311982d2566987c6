"""Finds what must never be told: a key, or what makes an upload URL a key.

Every call of pmsync in cli and e2e tests is searched, and every file that a test leaves behind.
"""

from pathlib import Path

KEY = "canary-5f2c9d7e41b8a360"
SECRETS = (KEY, "X-Amz-Signature", "X-Amz-Credential")


def must_not_tell(text: str) -> None:
    """Fails where a secret was printed."""
    told = [secret for secret in SECRETS if secret.lower() in text.lower()]
    assert not told, f"printed: {told}"


def must_not_hold(root: Path) -> None:
    """Fails where a file holds a secret: state, journal, plan, report, cache. The stand-in tenant is apart."""
    held = [
        (secret, str(file))
        for file in root.rglob("*")
        if file.is_file() and "tenant" not in file.relative_to(root).parts
        for secret in SECRETS
        if secret.lower().encode() in file.read_bytes().lower()
    ]
    assert not held, f"written: {held}"
