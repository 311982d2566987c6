"""Which way a host is reached, and what a proxy's URL may be: judged on text alone."""

from __future__ import annotations

import base64

import pytest

from pmsync.errors import Secret, UsageProblem
from pmsync.tenant.hosts import api_address
from pmsync.tenant.outbound import Outbound, Setting, is_excepted, proxy_for, secrets_of


def named(url: str, *, no_proxy: tuple[str, ...] = (), variable: str = "HTTPS_PROXY") -> Outbound:
    return Outbound(proxy=Setting(variable=variable, value=Secret(url)), no_proxy=no_proxy)


def to(url: str):
    return api_address(None, url)


API = to("https://api.example.test")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://proxy.test:3128", "http://proxy.test:3128"),
        ("http://proxy.test", "http://proxy.test:80"),
        ("https://proxy.test", "https://proxy.test:443"),
        ("https://proxy.test:3128/", "https://proxy.test:3128"),
        ("proxy.test:3128", "http://proxy.test:3128"),
        (" HTTP://Proxy.TEST:3128\n", "http://proxy.test:3128"),
        ("http://127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("http://user:password@proxy.test:3128", "http://proxy.test:3128"),
        ("user:password@proxy.test:3128", "http://proxy.test:3128"),
    ],
)
def test_a_proxy_is_a_scheme_a_host_and_a_port(url, meant):
    assert proxy_for(named(url), API).url == meant


@pytest.mark.parametrize(
    ("url", "credentials"),
    [
        ("http://me:secret@p.test:1", b"me:secret"),
        ("http://me@p.test:1", b"me:"),
        ("http://d%5Cme:s%2Fe%40c%3Ar%25t@p.test:1", b"d\\me:s/e@c:r%t"),
        ("http://me:p@ss@p.test:1", b"me:p@ss"),
        ("http://me:gehe%C3%BCm@p.test:1", "me:geheüm".encode()),
        ("http://me:roh\udcff@p.test:1", b"me:roh\xff"),
    ],
)
def test_user_and_password_are_what_the_proxy_is_told(url, credentials):
    told = proxy_for(named(url), API).authorization.reveal()
    assert base64.b64decode(told.removeprefix("Basic ")) == credentials


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("socks5://me:secret@p.test:1080", "only proxies over http:// and https:// will do"),
        ("socks5h://p.test:1080", "only proxies over http:// and https:// will do"),
        ("ftp://p.test", "only proxies over http:// and https:// will do"),
        ("http://p.test:0", "its port is no number from 1 to 65535"),
        ("http://p.test:70000", "its port is no number from 1 to 65535"),
        ("http://p.test:3128/wpad.pac", "there is more behind them"),
        ("http://p.test:3128?secret", "there is more behind them"),
        ("http://me:se/cret@p.test:3128", "it is no URL of a proxy"),
        ("http://me:se cret@p.test:3128", "it is no URL of a proxy"),
        ("http://", "it is no URL of a proxy"),
        ("http://p.test:secret", "it is no URL of a proxy"),
        ("http://2130706433:1", "it is no URL of a proxy"),
        ("http://pröxy.test:1", "it is no URL of a proxy"),
        ("http://[::1:3128", "it is no URL of a proxy"),
        ("http://p.test:1\r\nHost: x", "it is no URL of a proxy"),
        ("@", "it is no URL of a proxy"),
    ],
)
def test_what_cannot_be_a_proxy_is_a_sentence_with_the_variable_and_nothing_of_the_value(url, says):
    with pytest.raises(UsageProblem) as caught:
        proxy_for(named(url, variable="all_proxy"), API)
    assert caught.value.where == "all_proxy"
    assert says in caught.value.what
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "https://127.0.0.1:9", "https://localhost", "https://127.9.9.9", "https://[::1]"],
)
def test_loopback_is_never_reached_by_a_proxy_and_none_is_looked_at(url):
    assert proxy_for(named("socks5://no proxy at all"), to(url)) is None


def test_what_no_proxy_excepts_needs_no_proxy_that_can_be():
    assert proxy_for(named("nonsense://", no_proxy=("example.test",)), API) is None


def test_without_a_proxy_there_is_none():
    assert proxy_for(Outbound(), API) is None


@pytest.mark.parametrize(
    ("entry", "host", "excepted"),
    [
        ("api.example.test", "api.example.test", True),
        ("API.Example.TEST", "api.example.test", True),
        ("example.test", "api.example.test", True),
        (".example.test", "api.example.test", True),
        (".example.test", "example.test", True),
        ("*.example.test", "api.example.test", True),
        ("example.test.", "api.example.test", True),
        ("ample.test", "api.example.test", False),
        ("other.test", "api.example.test", False),
        ("*", "api.example.test", True),
        ("", "api.example.test", False),
        (".", "api.example.test", False),
        ("*.", "api.example.test", False),
        ("api.example.test:443", "api.example.test", True),
        ("example.test:443", "api.example.test", True),
        ("api.example.test:8443", "api.example.test", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.1.2.3/8", "10.1.2.3", True),
        ("11.0.0.0/8", "10.1.2.3", False),
        ("2.3", "10.1.2.3", False),
        ("10.0.0.0/99", "10.1.2.3", False),
        ("fd00::/8", "fd00::1", True),
        ("fd00::1", "fd00::1", True),
        ("[fd00::1]", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("[fd00::1]:80", "fd00::1", False),
        ("fe80::/10", "fd00::1", False),
        ("10.0.0.0/8", "fd00::1", False),
        ("10.0.0.0/8", "api.example.test", False),
    ],
)
def test_no_proxy_knows_hosts_domains_ports_addresses_and_networks(entry, host, excepted):
    assert is_excepted((entry,), host, 443) is excepted


def test_every_spelling_of_a_password_is_a_secret():
    found = {secret.reveal() for secret in secrets_of("http://me:s%40cret@p.test:1")}
    packed = base64.b64encode(b"me:s@cret").decode()
    assert found == {"me:s%40cret", "s%40cret", "s@cret", packed}


@pytest.mark.parametrize("url", ["http://me:se/cret@p.test:1", "me:se cret@p.test", "socks5://me:se#cret@p"])
def test_the_password_of_a_url_that_cannot_be_is_a_secret_too(url):
    assert any("cret" in secret.reveal() for secret in secrets_of(url))


@pytest.mark.parametrize("url", ["", "http://p.test:1", "nonsense"])
def test_a_proxy_without_a_user_holds_no_secret(url):
    assert secrets_of(url) == ()


def test_nothing_shows_a_proxys_password():
    proxy = proxy_for(named("http://me:secret@p.test:1"), API)
    assert "secret" not in f"{named('http://me:secret@p.test:1')!r} {proxy!r} {proxy}"
