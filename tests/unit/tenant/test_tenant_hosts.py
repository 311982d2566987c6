from __future__ import annotations

import pytest

from pmsync.errors import Refused, UsageProblem
from pmsync.tenant.hosts import api_address, is_loopback, upload_address

VENDOR = api_address(None, None)
LOCAL = api_address(None, "http://127.0.0.1:8080")
SIGNED = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900&X-Amz-Signature=canary-signature"


def test_without_any_url_the_vendors_host_is_used():
    assert VENDOR.url == "https://api.processmind.com"
    assert VENDOR.authority == "api.processmind.com"
    assert not VENDOR.loopback


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.processmind.com", "https://api.processmind.com"),
        ("https://API.ProcessMind.com/", "https://api.processmind.com"),
        ("https://api.processmind.com:443/v2", "https://api.processmind.com/v2"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("https://localhost:8443/api/", "https://localhost:8443/api"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_pmsync_yaml_may_name_the_vendor_or_loopback(url, shown):
    assert api_address(url, None).url == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://api.processmind.com",
        "https://api.processmind.com:8443",
        "https://api.processmind.com.evil.example",
        "https://evil-api.processmind.com",
        "https://api.processmind.com@evil.example",
        "https://user:word@api.processmind.com",
        "https://api.processmind.com\\@evil.example",
        "https://evil.example\\.api.processmind.com",
        "https://evil.example#@api.processmind.com",
        "https://evil.example?api.processmind.com",
        "https://api.processmind.com?x=1",
        "https://api.processmind.com/#x",
        "https://api.processmind.com/../x",
        "https://api.processmind.com//evil.example",
        "https://api.processmind.com/%2e%2e",
        "https://api.processmind.com.",
        "https://аpi.processmind.com",
        "https://api。processmind.com",
        "https://xn--pi-7kc.processmind.com",
        "https://api.processmind.com\n",
        "https://api.processmind.com\r\nx: y",
        " https://api.processmind.com",
        "https://api.processmind.com:0",
        "https://api.processmind.com:99999",
        "https://api.processmind.com:",
        "https:/api.processmind.com",
        "//api.processmind.com",
        "api.processmind.com",
        "ftp://api.processmind.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "http://127.1:8080",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://0177.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://[::ffff:127.0.0.1]",
        "http://[fe80::1%eth0]",
        "http://[::1",
        "http://[12345::]",
        "https://-bad.example",
        "https://",
        "",
    ],
)
def test_pmsync_yaml_may_name_no_other_host(url):
    with pytest.raises(Refused) as caught:
        api_address(url, None)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("from_yaml", "from_outside", "public_only"),
    [
        ("http://127.0.0.1:8080", None, True),
        ("http://localhost:8080", None, True),
        ("http://127.9.9.9", None, True),
        ("https://[::1]:8443", None, True),
        (None, "http://127.0.0.1:8080", False),
        ("http://127.0.0.1:9999", "http://127.0.0.1:8080", False),
        ("https://api.processmind.com", None, False),
        (None, None, False),
    ],
)
def test_only_the_public_key_may_go_to_loopback_that_only_the_repository_names(
    from_yaml, from_outside, public_only
):
    assert api_address(from_yaml, from_outside).public_only is public_only


def test_where_both_name_a_host_the_key_goes_to_the_one_named_outside():
    assert api_address("http://127.0.0.1:9999", "http://127.0.0.1:8080").port == 8080


def test_a_host_that_is_named_outside_is_used():
    assert api_address(None, "https://pm.corp.example:8443/base").url == "https://pm.corp.example:8443/base"


def test_an_address_named_outside_may_be_private():
    assert api_address(None, "https://10.0.0.7").authority == "10.0.0.7"


def test_the_one_named_outside_goes_before_pmsync_yaml():
    assert api_address("https://api.processmind.com", "http://localhost:1").authority == "localhost:1"


def test_pmsync_yaml_may_name_the_host_that_is_named_outside():
    assert api_address("https://pm.example/v1", "https://pm.example").url == "https://pm.example"


def test_a_foreign_host_in_pmsync_yaml_is_refused_even_if_another_is_named_outside():
    with pytest.raises(Refused, match=r"evil\.example"):
        api_address("https://evil.example", "https://pm.example")


@pytest.mark.parametrize("url", ["nonsense", "https://pm.example?x=1", "https://me@pm.example", ""])
def test_a_url_named_outside_must_be_one(url):
    with pytest.raises(UsageProblem):
        api_address(None, url)


def test_the_key_never_goes_over_http_to_another_machine():
    with pytest.raises(Refused, match=r"http to pm\.example"):
        api_address(None, "http://pm.example")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("127.255.0.9", True), ("::1", True), ("128.0.0.1", False),
     ("localhost.example", False), ("::2", False), ("10.0.0.1", False)],
)  # fmt: skip
def test_loopback_is_this_machine(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    "url",
    [
        f"https://s3.amazonaws.com/bucket/path{SIGNED}",
        f"https://bucket.s3.eu-west-1.amazonaws.com/a%20b/{SIGNED}",
        f"https://BUCKET.s3.amazonaws.com:443/k{SIGNED}",
        f"https://my_bucket.s3.amazonaws.com/k{SIGNED}",
        f"https://my.own.bucket.s3.eu-west-1.amazonaws.com/k{SIGNED}",
        f"https://s3-eu-west-1.amazonaws.com/k{SIGNED}",
        f"https://bucket.s3-us-gov-west-1.amazonaws.com/k{SIGNED}",
        f"https://bucket.s3.dualstack.us-east-2.amazonaws.com/k{SIGNED}",
        f"https://bucket.s3-fips.us-east-2.amazonaws.com/k{SIGNED}",
        f"https://bucket.s3.cn-north-1.amazonaws.com.cn/k{SIGNED}",
        f"https://bucket.s3-accelerate.amazonaws.com/k{SIGNED}",
        f"https://bucket.s3-accelerate.dualstack.amazonaws.com/k{SIGNED}",
        f"https://files-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/k{SIGNED}",
    ],
)
def test_a_file_may_go_to_the_vendors_buckets(url):
    address = upload_address(url, api=VENDOR)
    assert (address.scheme, address.port) == ("https", 443)
    assert address.host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    assert address.target.reveal() == url[url.index("/", 8) :]


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.amazonaws.com/b",
        "https://s3.amazonaws.com:8443/b",
        "https://amazonaws.com/b",
        "https://evil.amazonaws.com/b",
        "https://a1b2.execute-api.eu-west-1.amazonaws.com/b",
        "https://s3.execute-api.eu-west-1.amazonaws.com/b",
        "https://ec2-1-2-3-4.eu-west-1.compute.amazonaws.com/b",
        "https://s3-evil-1234567890.eu-west-1.elb.amazonaws.com/b",
        "https://s3-evil.amazonaws.com/b",
        "https://s3.evil.amazonaws.com/b",
        "https://s3evil.amazonaws.com/b",
        "https://evils3.amazonaws.com/b",
        "https://evil-s3.eu-west-1.amazonaws.com/b",
        "https://s3.eu-west-1.evil.amazonaws.com/b",
        "https://s3-website-eu-west-1.amazonaws.com/b",
        "https://evil.s3-object-lambda.eu-west-1.amazonaws.com/b",
        "https://evil.lambda-url.eu-west-1.on.aws/b",
        "https://s3.amazonaws.com.evil.com/b",
        "https://s3.evil.com/b",
        "https://s3.amazonaws.org/b",
        "https://s3.amazonaws.com.cn.evil.com/b",
        "https://s3.xn--mazonaws-1fg.com/b",
        "https://evilamazonaws.com/b",
        "https://s3.amazonaws.com.evil.example/b",
        "https://s3.amazonaws.com@evil.example/b",
        "https://user:pw@s3.amazonaws.com/b",
        "https://evil.example/s3.amazonaws.com",
        "https://evil.example?.amazonaws.com",
        "https://evil.example#.amazonaws.com",
        "https://evil.example\\.amazonaws.com/b",
        "https://evil.example%2f.amazonaws.com/b",
        "https://evil.example/\\s3.amazonaws.com",
        "https://s3.amazonaws.com/b#fragment",
        "https://s3.amazonaws.com/b\r\nHost: evil.example",
        "https://s3.amazonaws.com/b\nx",
        "https://s3.amazonaws.com/b c",
        "https://s3.amazonaws.com/b\x00",
        "https://s3.amazonaws.com/ü",
        "https://s3.amazonaws。com/b",
        "https://s3.аmazonaws.com/b",
        "https://s3.amazonaws.com./b",
        "https://s3..amazonaws.com/b",
        "https://.amazonaws.com/b",
        "https://-s3.amazonaws.com/b",
        "https://s3.amazonaws.com:0/b",
        "https://s3.amazonaws.com:65536/b",
        "https://s3.amazonaws.com:443443/b",
        "https://s3.amazonaws.com:x/b",
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/b",
        "https://192.168.1.1/b",
        "https://172.16.0.1/b",
        "https://100.64.0.1/b",
        "https://0.0.0.0/b",
        "https://8.8.8.8/b",
        "https://[fe80::1]/b",
        "https://[fc00::1]/b",
        "https://[::ffff:a9fe:a9fe]/b",
        "https://[::ffff:169.254.169.254]/b",
        "https://[::]/b",
        "https://2852039166/b",
        "https://0xa9fea9fe/b",
        "http://127.0.0.1:9000/b",
        "https://127.0.0.1:9000/b",
        "https://localhost/b",
        "https://[::1]/b",
        "ftp://s3.amazonaws.com/b",
        "file:///etc/passwd",
        "s3://bucket/key",
        "//s3.amazonaws.com/b",
        "https:///s3.amazonaws.com/b",
        "https:s3.amazonaws.com/b",
        "",
    ],
)
def test_a_file_may_go_nowhere_else(url):
    with pytest.raises(Refused) as caught:
        upload_address(f"{url}{SIGNED}" if "?" not in url else url, api=VENDOR)
    assert "canary-signature" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/b", "https://localhost:9000/b", "http://[::1]:9000/b"]
)
def test_a_file_may_go_to_loopback_where_the_api_is_there_too(url):
    assert upload_address(url + SIGNED, api=LOCAL).port == 9000


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("https://files.example.com/b", "files.example.com"),
        ("https://files.example.com:9000/b", " Files.Example.COM "),
        ("https://a.b.files.example.com/b", "*.files.example.com"),
        ("https://8.8.8.8/b", "8.8.8.8"),
    ],
)
def test_a_file_may_go_to_a_host_that_is_named_outside(url, extra):
    assert upload_address(url, api=VENDOR, extra_hosts=["other.example", extra]).scheme == "https"


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("http://files.example.com/b", "files.example.com"),
        ("https://files.example.com/b", "*.files.example.com"),
        ("https://evilfiles.example.com/b", "*.files.example.com"),
        ("https://sub.files.example.com/b", "files.example.com"),
        ("https://10.0.0.1/b", "10.0.0.1"),
        ("https://169.254.169.254/b", "169.254.169.254"),
        ("https://127.0.0.1/b", "127.0.0.1"),
    ],
)
def test_naming_a_host_opens_no_more_than_that(url, extra):
    with pytest.raises(Refused):
        upload_address(url, api=VENDOR, extra_hosts=[extra])


@pytest.mark.parametrize(
    "extra", ["*", "*.com", "*.", "", "a..b", "https://files.example.com", "a/b", "*.10.0.0.1", "a:1"]
)
def test_an_upload_host_must_be_a_host(extra):
    with pytest.raises(UsageProblem):
        upload_address("https://s3.amazonaws.com/b", api=VENDOR, extra_hosts=[extra])


def test_a_refused_upload_url_says_its_host_and_the_flag():
    with pytest.raises(Refused, match=r"evil\.example") as caught:
        upload_address(f"https://evil.example/b{SIGNED}", api=VENDOR)
    assert "--upload-host evil.example" in str(caught.value)


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("?X-Amz-Expires=900", 900.0),
        ("", 3600.0),
        ("?X-Amz-Expires=soon", 3600.0),
        ("?X-Amz-Expires=-1", 3600.0),
    ],
)
def test_an_upload_url_says_how_long_it_is_valid(query, seconds):
    assert upload_address(f"https://s3.amazonaws.com/b{query}", api=VENDOR).lifetime == seconds


def test_an_upload_address_does_not_show_its_signature():
    assert "canary-signature" not in repr(upload_address(f"https://s3.amazonaws.com/b{SIGNED}", api=VENDOR))
