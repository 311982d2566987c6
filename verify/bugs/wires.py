"""Planted between pmsync and the tenant: requests, uploads, the key."""

from __future__ import annotations

from verify.bugs.bug import Bug

BUGS = (
    Bug(
        "retry a POST whose answer was lost",
        "pmsync/tenant/retry.py",
        "    Method.POST: _HARMLESS,",
        "    Method.POST: _REPEATABLE,",
        ("tests/unit/tenant/test_tenant_retry.py",),
    ),
    Bug(
        "call a request that may have arrived not sent",
        "pmsync/tenant/retry.py",
        "            doubt = doubt or (method is not Method.GET and result.mishap in IN_DOUBT)\n",
        "            doubt = doubt and result.mishap in IN_DOUBT\n",
        ("tests/unit/tenant/test_tenant_retry.py",),
    ),
    Bug(
        "no rewind on a retried upload",
        "pmsync/tenant/body.py",
        "        body.rewind()\n",
        "",
        ("tests/unit/tenant/test_tenant_uploads.py",),
    ),
    Bug(
        "skip the sha256 of what is sent",
        "pmsync/tenant/body.py",
        "        if self._hashes.sha256.hexdigest() != self._task.sha256:\n",
        "        if not self._task.sha256:\n",
        ("tests/unit/tenant/test_tenant_uploads.py",),
    ),
    Bug(
        "follow a redirect of the bucket",
        "pmsync/tenant/uploads.py",
        ("                    retries=False,\n                    redirect=False,\n"),
        ("                    retries=urllib3.Retry(2),\n                    redirect=True,\n"),
        ("tests/unit/tenant/test_tenant_uploads.py::test_a_redirect_of_the_bucket_is_not_followed",),
    ),
    Bug(
        "send the key to the bucket",
        "pmsync/tenant/uploads.py",
        '        headers = {"Content-Type": CONTENT_TYPE,',
        '        headers = {"x-api-key": "key", "Content-Type": CONTENT_TYPE,',
        ("tests/unit/tenant/test_tenant_uploads.py",),
    ),
    Bug(
        "send the key to a proxy that opened no tunnel",
        "pmsync/tenant/connection.py",
        "        if self.proxy is not None and self._tunnel_host is None:",
        "        if self.proxy is not None and self._tunnel_host == '':",
        ("tests/unit/tenant/test_tenant_ways.py",),
    ),
    Bug(
        "go to loopback through a proxy",
        "pmsync/tenant/outbound.py",
        ' or to.scheme != "https" or is_loopback(to.host):',
        ' or to.scheme != "https":',
        ("tests/unit/tenant/test_tenant_outbound.py",),
    ),
    Bug(
        "take a proxy's no for a request that may have arrived",
        "pmsync/tenant/connection.py",
        "        current.reached = Reached.PROXY\n",
        "        current.reached = Reached.PROXY\n        current.sent = True\n",
        ("tests/unit/tenant/test_tenant_ways.py",),
    ),
    Bug(
        "believe what came along beside what the operator named",
        "pmsync/tenant/session.py",
        "    def cert_verify(self, *_: Any, **__: Any) -> None:",
        "    def cert_verified(self, *_: Any, **__: Any) -> None:",
        ("tests/unit/tenant/test_tenant_ways.py",),
    ),
    Bug(
        "record success on an ETag that does not match",
        "pmsync/tenant/uploads.py",
        "    if md5 is not None and md5 != taken.etag:\n",
        "    if md5 is not None and not taken.etag:\n",
        ("tests/unit/tenant/test_tenant_uploads.py",),
    ),
    Bug(
        "ask for a new URL after a doubtful PUT",
        "pmsync/tenant/uploads.py",
        "            if doubt and isinstance(result, UrlExpired):\n",
        "            if doubt and not url:\n",
        ("tests/unit/tenant/test_tenant_uploads.py",),
    ),
    Bug(
        "believe any 404 that a thing is gone",
        "pmsync/tenant/session.py",
        "return Failure(error, _mishap(status), status if is_json else None, wait)",
        "return Failure(error, _mishap(status), status, wait)",
        ("tests/unit/tenant/test_tenant_session.py",),
    ),
)
