"""The client from PyPI, and WordPress' bare HTTP/1.0, against a running server: run.py http://127.0.0.1:PORT KEY"""

import json
import re
import socket
import sys
import urllib.parse
from pathlib import Path

import akismet
import httpx

BASE, KEY = sys.argv[1:3]
CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
BLOG, HAM, SCAM, LEARN = (CASES[name] for name in ("blog", "ham", "scam", "learn"))


class Redirected(httpx.BaseTransport):
    """Sends what is meant for akismet.com to the server under test: the client has no setting for its host."""

    def __init__(self):
        self.inner = httpx.HTTPTransport()

    def handle_request(self, request):
        path = request.url.raw_path.decode()
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        if path.startswith("/1.2/key-sites"):
            # The client asks this without a key, so the host has to bring it.
            headers.append(("host", f"{KEY}.rest.akismet.com"))
        content = request.read()
        return self.inner.handle_request(
            httpx.Request(request.method, BASE + path, headers=headers, content=content)
        )


def client(key):
    http = httpx.Client(transport=Redirected(), headers={"User-Agent": akismet.USER_AGENT}, timeout=1.0)
    return akismet.SyncClient(config=akismet.Config(key=key, url=BLOG), http_client=http)


def step(name):
    print(f"ok   {name}", flush=True)


def check(content, **more):
    fields = {"comment_content": content, "comment_author": "Petra", "comment_type": "comment", **more}
    return client(KEY).comment_check("192.0.2.10", **fields)


def python_client():
    ham, spam = akismet.CheckResponse.HAM, akismet.CheckResponse.SPAM
    assert client(KEY).verify_key() is True
    assert client("nosuchkey123").verify_key() is False
    step("akismet (PyPI) verify-key")
    assert check(HAM) == ham
    assert check(SCAM) in (spam, akismet.CheckResponse.DISCARD)
    assert check(HAM, comment_author="akismet-guaranteed-spam") != ham
    assert check(HAM, comment_author_email="akismet-guaranteed-spam@example.com") != ham
    assert check(SCAM, user_role="administrator") == ham
    step("akismet (PyPI) comment-check")
    try:
        client("nosuchkey123").comment_check("192.0.2.10", comment_content=HAM)
        raise AssertionError("a wrong key was taken")
    except akismet.APIKeyError:
        step("akismet (PyPI) refuses a wrong key")
    fields = {"comment_content": LEARN, "comment_author": "Petra", "comment_type": "comment"}
    assert client(KEY).submit_spam("192.0.2.10", **fields) is True
    assert check(LEARN) != ham
    assert client(KEY).submit_ham("192.0.2.10", **fields) is True
    assert check(LEARN) == ham
    step("akismet (PyPI) submit-spam and submit-ham are learnt at once")
    sites = client(KEY).key_sites()
    rows = [row for month, rows in sites.items() if re.fullmatch(r"\d{4}-\d{2}", month) for row in rows]
    assert rows[0]["site"].removesuffix("/") == BLOG, sites
    assert int(rows[0]["api_calls"]) > 5 and int(rows[0]["spam"]) > 0 and int(rows[0]["ham"]) > 0, sites
    assert sites["total"] == 1 and sites["limit"] == 500 and sites["offset"] == 0, sites
    table = client(KEY).key_sites(result_format="csv").splitlines()
    assert table[0].startswith("Active sites for"), table
    assert table[1] == "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked", table
    step("akismet (PyPI) key-sites, as JSON and CSV")
    usage = client(KEY).usage_limit()
    assert usage["limit"] == "none" and usage["usage"] > 5 and usage["throttled"] is False, usage
    assert isinstance(usage["percentage"], str), usage
    step("akismet (PyPI) usage-limit")


def wordpress(path, fields, host):
    """What WordPress' HTTP class writes to the wire, and the answer's head and body."""
    body = urllib.parse.urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.0\r\n"
        f"Host: {host}\r\n"
        "User-Agent: WordPress/6.7 | Akismet/5.3.5\r\n"
        "Accept: */*\r\n"
        "Accept-Encoding: deflate, gzip\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    address = urllib.parse.urlsplit(BASE)
    with socket.create_connection((address.hostname, address.port), timeout=5) as wire:
        wire.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return lines[0], headers, body


def wordpress_client():
    fields = {
        "blog": BLOG, "api_key": KEY, "user_ip": "192.0.2.10", "user_agent": "Mozilla/5.0", "referrer": "",
        "comment_type": "comment", "comment_author": "Petra", "comment_author_email": "petra@mail.example",
        "comment_content": HAM, "comment_post_ID": "11", "blog_lang": "en_US", "blog_charset": "UTF-8",
        "permalink": f"{BLOG}/harbour/", "user_role": "", "is_test": "0", "comment_context[]": "backups",
        "POST_ak_js": "1", "HTTP_ACCEPT": "text/html", "akismet_comment_nonce": "passed",
    }
    status, headers, body = wordpress("/1.1/comment-check", fields, "rest.akismet.com")
    assert status.split(" ", 1)[1] == "200 OK" and body == b"false", (status, headers, body)
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-akismet-guid"]), headers
    assert "transfer-encoding" not in headers and "content-encoding" not in headers, headers
    assert "x-akismet-debug-help" not in headers and "x-akismet-alert-code" not in headers, headers
    again = wordpress("/1.1/comment-check", {**fields, "recheck_reason": "recheck_queue"}, "rest.akismet.com")
    assert again[1]["x-akismet-guid"] == headers["x-akismet-guid"], "a recheck keeps its guid"
    status, headers, body = wordpress("/1.1/comment-check", {**fields, "comment_content": SCAM}, "rest.akismet.com")
    assert body == b"true", (status, headers, body)
    step("WordPress comment-check over HTTP/1.0")
    old = {name: value for name, value in fields.items() if name != "api_key"}
    status, headers, body = wordpress("/1.1/comment-check", old, f"{KEY.upper()}.rest.akismet.com")
    assert body == b"false", (status, headers, body)
    step("older WordPress with the key in the host")
    answers = {
        "/1.1/verify-key": b"valid",
        "/1.1/submit-spam": b"Thanks for making the web a better place.",
        "/1.1/submit-ham": b"Thanks for making the web a better place.",
    }
    for path, expected in answers.items():
        sent = {**fields, "key": KEY, "comment_content": LEARN}
        status, headers, body = wordpress(path, sent, "rest.akismet.com")
        assert body == expected, (path, status, headers, body)
        assert headers["content-type"].startswith("text/plain"), headers
    status, headers, body = wordpress("/1.1/verify-key", {"key": "nosuchkey123", "blog": BLOG}, "rest.akismet.com")
    assert body == b"invalid", (status, headers, body)
    for path in ("/1.1/get-stats", "/1.1/get-subscription"):
        status, headers, body = wordpress(path, {"key": KEY, "blog": BLOG, "from": "6-months"}, "rest.akismet.com")
        assert status.split(" ", 1)[1] == "200 OK", (path, status)
        json.loads(body)
    step("WordPress verify-key, submit-spam, submit-ham, get-stats, get-subscription")


python_client()
wordpress_client()
