"""OASIS's own client pages through the TAXII server: taxii.py http://127.0.0.1:PORT TOKEN PROGRAM DATA

The server is to give few objects at a time, so that there are many pages. Meanwhile PROGRAM crawls news into the same
DATA. Saved searches and their MISP feeds are asked for, too.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stix2
from pymisp import MISPEvent
from requests.exceptions import HTTPError
from taxii2client.common import TokenAuth
from taxii2client.v21 import Collection, Server, as_pages

BASE, TOKEN, PROGRAM, DATA = sys.argv[1:5]


def step(name):
    print(f"ok   {name}", flush=True)


def ask(path, body=None, method=None, **headers):
    """Status, headers and body of an answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
    request = urllib.request.Request(BASE + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def save(name, query, **more):
    status, _, body = ask("/api/v1/searches", {"name": name, "query": query, **more})
    assert status == 201, body
    return json.loads(body)


def pages(collection, limit=3, **filters):
    """All objects, and the sizes of the pages they came in."""
    objects, sizes = [], []
    for page in as_pages(collection.get_objects, per_request=limit, **filters):
        found = page.get("objects", [])
        objects += found
        sizes.append(len(found))
    return objects, sizes


def unique(objects):
    names = [(one["id"], one.get("modified")) for one in objects]
    assert len(names) == len(set(names)), "an object came twice"
    return set(names)


def settled(collection):
    """All objects, once no more are added."""
    before = None
    for _ in range(120):
        objects, _ = pages(collection, limit=500)
        if before == len(objects) and before > 3:
            return objects
        before = len(objects)
        time.sleep(2)
    raise AssertionError("the collection does not settle")


def server():
    server = Server(f"{BASE}/taxii2/", user="siftwire", password=TOKEN)
    assert server.title and server.default.url == server.api_roots[0].url
    root = server.default
    assert root.title and root.versions and root.max_content_length
    titles = {one.title: one for one in root.collections}
    assert {"All reports", "Indicators"} <= set(titles), titles
    step("taxii2-client finds root and collections")
    return titles


def paging(collection):
    whole = settled(collection)
    names = unique(whole)
    for limit in (1, 3, 1000):
        objects, sizes = pages(collection, limit=limit)
        assert unique(objects) == names, (limit, len(objects), len(names))
        assert objects == whole, "the order is the same whatever the page"
    assert max(sizes) <= 7 and len(sizes) > 3, sizes
    manifest = [
        record
        for page in as_pages(collection.get_manifest, per_request=5)
        for record in page["objects"]
    ]
    assert [record["id"] for record in manifest] == [one["id"] for one in whole]
    dates = [record["date_added"] for record in manifest]
    assert all(a < b for a, b in zip(dates, dates[1:])), "no two were added at the same time"
    middle = dates[len(dates) // 2]
    later, _ = pages(collection, added_after=middle)
    assert later == whole[len(dates) // 2 + 1 :], "added_after leaves out what was added then"
    kinds = {one["type"] for one in whole}
    assert {"report", "identity", "relationship"} <= kinds, kinds
    some, _ = pages(collection, type=["report", "vulnerability"])
    assert {one["type"] for one in some} == {"report", "vulnerability"}
    one = collection.get_object(whole[-1]["id"])
    assert one["objects"] == [whole[-1]]
    assert collection.object_versions(whole[-1]["id"])["versions"]
    stix2.parse({"type": "bundle", "id": f"bundle--{collection.id}", "objects": whole})
    known = {one["id"] for one in whole}
    refs = {ref for one in whole for name in one if name.endswith("_refs") for ref in one[name]}
    assert refs <= known, f"{len(refs - known)} references lead nowhere, such as {sorted(refs - known)[:3]}"
    step(f"as_pages gives each of {len(whole)} objects once, with pages of 1, 3 and 7")


class Newsroom(BaseHTTPRequestHandler):
    """A site with a feed; each story is about a vulnerability of its own."""

    stories = 0

    def do_GET(self):
        site = f"http://{self.headers['Host']}"
        number = self.path.rpartition("/")[2]
        if self.path == "/feed.xml":
            items = "".join(
                f"<item><title>Gateway flaw {n} is exploited</title><link>{site}/story/{n}</link></item>"
                for n in range(1, Newsroom.stories + 1)
            )
            text = f"<rss version='2.0'><channel><title>Late news</title>{items}</channel></rss>"
        elif number.isdigit():
            tale = (
                f"Attackers exploit CVE-2026-4400{number} in the gateways of the maker Corvane. Sensors number {number} saw "
                f"the first attempts on Monday, and the maker asks its customers to install version 9.{number} at once. "
            )
            text = (
                f"<html><head><title>Gateway flaw {number} is exploited</title></head><body><article>"
                f"<h1>Gateway flaw {number} is exploited</h1><p>{tale}</p><p>{tale * 2}</p></article></body></html>"
            )
        else:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if self.path == "/feed.xml" else "text/html")
        self.end_headers()
        return self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def publish(feed):
    """One more story, crawled beside the running server."""
    Newsroom.stories += 1
    crawl = [PROGRAM, "--data", DATA, "crawl", "--allow-private", feed]
    subprocess.run(crawl, check=True, capture_output=True, timeout=120)


def arrived(collection, after):
    """Waits for objects that were added after a date."""
    for _ in range(120):
        if collection.get_manifest(added_after=after).get("objects"):
            return
        time.sleep(0.5)
    raise AssertionError("what was crawled does not reach the collection")


def last_added(collection):
    records = [
        record
        for page in as_pages(collection.get_manifest, per_request=500)
        for record in page["objects"]
    ]
    return records[-1]["date_added"]


def while_news_comes_in(collection):
    before = {one["id"] for one in settled(collection)}
    site = ThreadingHTTPServer(("127.0.0.1", 0), Newsroom)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    feed = f"http://127.0.0.1:{site.server_port}/feed.xml"
    objects = []
    for number, page in enumerate(as_pages(collection.get_objects, per_request=5)):
        objects += page.get("objects", [])
        if number < 3:
            after = last_added(collection)
            publish(feed)
            arrived(collection, after)
    unique(objects)
    ids = {one["id"] for one in objects}
    assert before <= ids, f"{len(before - ids)} objects were passed over"
    flaws = {one["name"] for one in objects if one["type"] == "vulnerability"}
    new = {f"CVE-2026-4400{number}" for number in (1, 2, 3)}
    assert new <= flaws, f"{new - flaws} came in while pages were turned, and is missing"
    site.shutdown()
    step(f"as_pages gives each of {len(objects)} objects once while three stories come in")


def saved_search():
    search = save("Ransomware", "attack:ransomware", visibility="private")
    address = f"{BASE}/taxii2/news/collections/{search['id']}/"
    collection = Collection(address, auth=TokenAuth(TOKEN))
    assert collection.can_read and not collection.can_write
    reports = [one for one in settled(collection) if one["type"] == "report"]
    _, _, body = ask("/api/v1/search?q=attack:ransomware&limit=100")
    assert len(reports) == json.loads(body)["total"], (len(reports), body[:200])
    try:
        Collection(address).refresh()
        raise AssertionError("a stranger reads a private collection")
    except HTTPError as error:
        assert error.response.status_code == 401
    try:
        collection.add_objects({"objects": []})
        raise AssertionError("a collection takes objects")
    except Exception as error:
        assert "403" in str(error) or "not allow" in str(error).lower(), error
    step(f"a saved search is a collection with its {len(reports)} reports")
    return search


def misp(search):
    path = f"/misp/{search['slug']}/manifest.json"
    status, headers, body = ask(path)
    manifest = json.loads(body)
    assert status == 200 and manifest, body[:200]
    assert ask(path, **{"If-None-Match": headers["ETag"]})[0] == 304
    for uuid, entry in manifest.items():
        _, _, event = ask(f"/misp/{search['slug']}/{uuid}.json")
        loaded = MISPEvent()
        loaded.load(event)
        assert loaded.uuid == uuid and loaded.info == entry["info"]
    assert ask(f"/misp/{search['slug']}/hashes.csv")[0] == 200
    step(f"pymisp loads {len(manifest)} events of a saved search over HTTP")


collections = server()
paging(collections["All reports"])
while_news_comes_in(collections["All reports"])
indicators, _ = pages(collections["Indicators"])
assert {one["type"] for one in indicators} <= {"indicator"}
misp(saved_search())
