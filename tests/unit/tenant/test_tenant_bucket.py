from __future__ import annotations

import base64

import pytest

from pmsync.errors import Rejected, Secret, UnexpectedAnswer
from pmsync.tenant.bucket import Reply, Taken, UrlExpired, judge
from pmsync.tenant.retry import Failure, Mishap

MD5 = "0cc175b9c0f1b6a831c399e269772661"
WHERE = "PUT https://bucket"
SIGNATURE = "4F53CDA18C2BAA0C0354BB5F9A3ECBE5ED12AB4D8E11BA873C2F11161202B945".lower()
CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/s3/aws4_request"
URL = (
    f"/key?X-Amz-Credential={CREDENTIAL}&X-Amz-Signature={SIGNATURE}&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJr"
)


def xml(code: str, message: str = "no", more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}'
        "<RequestId>4442587FB7D0A2F9</RequestId><StringToSign>canary-signature</StringToSign></Error>"
    ).encode()


def judged(status: int, body: bytes = b"", *, whole: bool = True, **headers: str):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(Reply(status=status, headers=headers, body=body, whole=whole, url=Secret(URL)), WHERE)


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("body", [b"", b"\r\n", b"ok"])
def test_a_good_status_without_an_error_is_taken(status, body):
    assert judged(status, body, ETag=f'"{MD5}"') == Taken(MD5, is_md5=True)


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"ETag": MD5}, Taken(MD5, is_md5=True)),
        ({"ETag": f' "{MD5}" '}, Taken(MD5, is_md5=True)),
        ({"ETag": f'W/"{MD5}"'}, Taken(None, is_md5=False)),
        ({"ETag": f'"{MD5}-12"'}, Taken(f"{MD5}-12", is_md5=False)),
        ({"ETag": '"short"'}, Taken(None, is_md5=False)),
        ({"ETag": ""}, Taken(None, is_md5=False)),
        ({"ETag": SIGNATURE}, Taken(None, is_md5=False)),
        ({"ETag": f'"{SIGNATURE[:32]}"'}, Taken(None, is_md5=False)),
        ({}, Taken(None, is_md5=False)),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption": "AES256"}, Taken(MD5, is_md5=True)),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption": "aws:kms"}, Taken(MD5, is_md5=False)),
        ({"ETag": f'"{MD5}"', "x-amz-server-side-encryption": "aws:kms:dsse"}, Taken(MD5, is_md5=False)),
        (
            {"ETag": f'"{MD5}"', "x-amz-server-side-encryption-customer-algorithm": "AES256"},
            Taken(MD5, is_md5=False),
        ),
    ],
)
def test_an_etag_proves_the_content_only_where_it_is_its_md5(headers, taken):
    assert judge(Reply(status=200, headers=headers, body=b"", whole=True, url=Secret(URL)), WHERE) == taken


@pytest.mark.parametrize(
    ("status", "code", "mishap"),
    [
        (503, "SlowDown", Mishap.BUSY),
        (503, "ServiceUnavailable", Mishap.BUSY),
        (400, "RequestTimeout", Mishap.BUSY),
        (429, "TooManyRequests", Mishap.BUSY),
        (500, "InternalError", Mishap.BROKEN),
        (502, "BadGateway", Mishap.BROKEN),
        (403, "AccessDenied", Mishap.REFUSED),
        (403, "SignatureDoesNotMatch", Mishap.REFUSED),
        (403, "HeadersNotSigned", Mishap.REFUSED),
        (403, "RequestTimeTooSkewed", Mishap.REFUSED),
        (400, "EntityTooLarge", Mishap.REFUSED),
        (400, "InvalidDigest", Mishap.REFUSED),
        (404, "NoSuchBucket", Mishap.REFUSED),
        (411, "MissingContentLength", Mishap.REFUSED),
        (501, "NotImplemented", Mishap.BROKEN),
    ],
)
def test_each_code_of_the_bucket_has_its_fate(status, code, mishap):
    failure = judged(status, xml(code))
    assert isinstance(failure.error, Rejected)
    assert failure.mishap is mishap
    assert failure.error.what == f"the bucket answered {status}: {code} (request id 4442587FB7D0A2F9)"
    assert failure.error.where == WHERE
    assert "canary" not in str(failure.error)


def test_of_half_a_file_nothing_is_stored_whatever_the_server_says():
    assert judged(500, xml("InternalError"), whole=False).mishap is Mishap.BUSY


def test_a_bucket_that_asks_for_time_gets_it():
    assert judged(503, xml("SlowDown"), Retry_After="7").wait == 7.0


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, xml("AccessDenied", "Request has expired")),
        (403, xml("AccessDenied", "no", "<Expires>2026-01-01T00:00:00Z</Expires>")),
        (403, xml("AccessDenied", "no", "<X-Amz-Expires>60</X-Amz-Expires>")),
        (400, xml("ExpiredToken", "The provided token has expired.")),
        (403, xml("ExpiredToken")),
    ],
)
def test_an_expired_url_is_told_apart(status, body):
    assert judged(status, body) == UrlExpired()


@pytest.mark.parametrize(
    "body", [xml("InternalError"), b"<Error/>", b"<html>welcome</html>", b"\xef\xbb\xbf<Error>"]
)
def test_a_good_status_with_an_error_in_it_is_an_error(body):
    failure = judged(200, body)
    assert isinstance(failure.error, UnexpectedAnswer)
    assert failure.mishap is Mishap.BROKEN


def test_a_file_that_is_stored_before_it_was_sent_is_not_stored():
    failure = judged(200, whole=False)
    assert failure.mishap is Mishap.BROKEN
    assert "too early" in failure.error.what


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_refused(status):
    failure = judged(status, xml("TemporaryRedirect"), Location="https://evil.example")
    assert "redirects are refused" in failure.error.what
    assert failure.mishap is Mishap.REFUSED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>403</body></html>",
        b"plain text",
        b"\xff\xfe\x00",
        b"<Error><Code>\x1b[31mred</Code></Error>",
        b"<Error><Code>" + b"A" * 65 + b"</Code></Error>",
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Error><Code>AccessDenied</Code>'
            b"<Message>expired &b;</Message></Error>"
        ),
        b"<Error><![CDATA[<Code>AccessDenied</Code><Message>expired</Message>]]></Error>",
        b"<Error>" * 9000,
    ],
    ids=range(9),
)
def test_an_answer_that_is_not_the_buckets_own_says_only_its_status(body):
    failure = judged(403, body)
    assert isinstance(failure, Failure)
    assert failure.error.what == "the bucket answered 403"
    assert failure.mishap is Mishap.REFUSED


def test_a_code_without_a_request_id_is_said_alone():
    assert (
        judged(404, b"<Error><Code>NoSuchKey</Code></Error>").error.what
        == "the bucket answered 404: NoSuchKey"
    )


def test_a_skewed_clock_is_hinted_at():
    assert "clock" in judged(403, xml("RequestTimeTooSkewed")).error.hint


@pytest.mark.parametrize(
    "echo",
    [
        "<Code>AccessDenied</Code><RequestId>{}</RequestId>",
        "<Code>{}</Code>",
        "<Code>AccessDenied</Code><Message>{}</Message>",
        "<Code>AccessDenied</Code><StringToSign>{}</StringToSign><Resource>{}</Resource>",
    ],
)
@pytest.mark.parametrize(
    "secret",
    [
        SIGNATURE,
        SIGNATURE.upper(),
        SIGNATURE[:16].upper(),
        SIGNATURE[-16:].upper(),
        CREDENTIAL[:20],
        CREDENTIAL[:16],
        base64.b64encode(SIGNATURE.encode()).decode()[:40],
        "".join(f"&#{ord(character)};" for character in SIGNATURE),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_no_part_of_an_error_can_carry_the_signature_out(echo, secret, status):
    error = judged(status, f"<Error>{echo.format(secret, secret)}</Error>".encode()).error
    assert secret.lower() not in str(error).lower()
    assert "request id" not in str(error)
