"""Presigned URLs: the scheme's published example, and what is not let in."""

from urllib.parse import parse_qs

import pytest

from pmsync.emulator.signing import AccessKey, SignatureRefusedError, Signed, presign, verify
from pmsync.emulator.uploads import UploadTarget, UploadUrls

# The key pair, request and signature that the public description of the scheme calculates step by step.
PUBLISHED = AccessKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
REQUEST = Signed("GET", "/test.txt", {"host": "examplebucket.s3.amazonaws.com"})
MIDNIGHT = 1_369_353_600.0  # 2013-05-24
SIGNATURE = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


@pytest.fixture
def query():
    return presign(PUBLISHED, REQUEST, now=MIDNIGHT, valid_for=86400)


def test_the_published_example_gets_the_published_signature(query):
    assert parse_qs(query)["X-Amz-Signature"] == [SIGNATURE]


def test_what_was_signed_is_let_in_to_the_last_second(query):
    verify(PUBLISHED, REQUEST, query, clock=lambda: MIDNIGHT + 86400)


def test_one_second_later_it_is_not(query):
    with pytest.raises(SignatureRefusedError, match="Request has expired") as refused:
        verify(PUBLISHED, REQUEST, query, clock=lambda: MIDNIGHT + 86401)
    assert refused.value.code == "AccessDenied"


@pytest.mark.parametrize(
    "request_",
    [
        Signed("PUT", "/test.txt", REQUEST.headers),
        Signed("GET", "/test2.txt", REQUEST.headers),
        Signed("GET", "/test.txt", {"host": "elsewhere"}),
        Signed("GET", "/test.txt", {}),
    ],
)
def test_another_request_does_not_match(query, request_):
    with pytest.raises(SignatureRefusedError) as refused:
        verify(PUBLISHED, request_, query, clock=lambda: MIDNIGHT)
    assert refused.value.code == "SignatureDoesNotMatch"


def test_another_secret_does_not_match(query):
    with pytest.raises(SignatureRefusedError) as refused:
        verify(AccessKey(PUBLISHED.id, "another"), REQUEST, query, clock=lambda: MIDNIGHT)
    assert refused.value.code == "SignatureDoesNotMatch"


def test_headers_that_were_signed_may_be_sent():
    request = Signed("PUT", "/a", {"host": "h", "x-amz-acl": "private"})
    verify(PUBLISHED, request, presign(PUBLISHED, request, now=0, valid_for=60), clock=lambda: 60)


def test_neither_secret_nor_signature_is_in_a_refusal_or_a_repr(query):
    with pytest.raises(SignatureRefusedError) as refused:
        verify(PUBLISHED, Signed("PUT", "/x", REQUEST.headers), query, clock=lambda: MIDNIGHT)
    shown = f"{refused.value!r} {refused.value.details} {PUBLISHED!r}"
    assert SIGNATURE not in shown
    assert PUBLISHED.secret not in shown


@pytest.mark.parametrize(
    "name", ["a.csv", "Aufträge.csv", "a/b.csv", "a b?c#d%2F.csv", "~x", "'\"<>.csv", "a+b.csv"]
)
def test_an_upload_path_says_what_it_is_for(name):
    target = UploadTarget("tenant/1", "table?2", name)
    path = target.new_path()
    assert path.isascii()
    assert UploadTarget.of_path(path) == target


def test_an_upload_url_is_accepted_by_its_own_bucket():
    urls = UploadUrls("127.0.0.1:1", PUBLISHED, lambda: MIDNIGHT)
    url = urls.issue(UploadTarget("T", "t", "Aufträge 1/2.csv"), valid_for=1)
    path, _, query = url.removeprefix("http://127.0.0.1:1").partition("?")
    urls.check(Signed("PUT", path, {"host": "127.0.0.1:1"}), query)
