"""Tools from PyPI read what was exported: exports.py http://127.0.0.1:PORT FOLDER"""

import csv
import hashlib
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

import feedparser
import stix2
from openapi_spec_validator import validate
from pymisp import MISPEvent

BASE, FOLDER = sys.argv[1], Path(sys.argv[2])
VIEWS = ("articles", "incidents")


def step(name):
    print(f"ok   {name}", flush=True)


def get(path, **headers):
    """Status, headers and body of an answer."""
    url = path if path.startswith("http") else BASE + path
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def feeds():
    for view in VIEWS:
        for kind, version in (("rss", "rss20"), ("atom", "atom10")):
            status, headers, body = get(f"/search.{kind}?view={view}&limit=500")
            for source in (body, (FOLDER / f"{view}.{kind}").read_bytes()):
                feed = feedparser.parse(source)
                assert status == 200 and not feed.bozo, feed.get("bozo_exception")
                assert feed.version == version and feed.entries and feed.feed.title
                for entry in feed.entries:
                    assert entry.id and entry.title and entry.link and entry.published_parsed, entry
                assert len({entry.id for entry in feed.entries}) == len(feed.entries)
            again, _, _ = get(f"/search.{kind}?view={view}&limit=500", **{"If-None-Match": headers["ETag"]})
            assert again == 304, again
    step("feedparser reads RSS and Atom")


def check_json_feed(feed):
    """The rules of jsonfeed.org/version/1.1."""
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str) and isinstance(feed["items"], list)
    for name in ("home_page_url", "feed_url", "next_url", "description"):
        assert name not in feed or isinstance(feed[name], str), name
    assert feed.get("next_url") != feed.get("feed_url")
    for item in feed["items"]:
        assert isinstance(item["id"], str) and item["id"]
        assert isinstance(item.get("content_html", item.get("content_text")), str)
        assert "author" not in item
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
        assert all(set(author) & {"name", "url", "avatar"} for author in item.get("authors", []))
        for name in ("date_published", "date_modified"):
            assert item[name].endswith("Z") and item[name][10] == "T", item[name]
        unknown = set(item) - {
            "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
            "banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments",
        }
        assert all(name.startswith("_") for name in unknown), unknown


def json_feeds():
    for view in VIEWS:
        check_json_feed(json.loads((FOLDER / f"{view}.json-feed").read_text()))
        url, seen, pages = f"/search.json?view={view}&limit=7", [], 0
        while url:
            status, headers, body = get(url)
            assert status == 200 and headers.get_content_type() == "application/feed+json"
            feed = json.loads(body)
            check_json_feed(feed)
            seen += [item["id"] for item in feed["items"]]
            url, pages = feed.get("next_url"), pages + 1
            url = url and url + "&limit=7"
        rows = (FOLDER / f"{view}.ndjson").read_text().splitlines()
        assert len(seen) == len(set(seen)) == len(rows) and pages > 1, (len(seen), len(rows), pages)
    step("JSON Feed by its rules, each item once on its pages")


def tables():
    for view in VIEWS:
        with open(FOLDER / f"{view}.csv", newline="") as file:
            table = list(csv.DictReader(file))
        lines = [json.loads(line) for line in (FOLDER / f"{view}.ndjson").read_text().splitlines()]
        assert [row["id"] for row in table] == [str(line["id"]) for line in lines]
        assert all(None not in row and None not in row.values() for row in table)
        _, headers, body = get(f"/search.ndjson?view={view}")
        assert body.decode().splitlines() == [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines]
        assert "attachment" in headers["Content-Disposition"]
    step("CSV and NDJSON agree, in the terminal and over HTTP")


def bundles():
    for view, kind in zip(VIEWS, ("report", "grouping")):
        bundle = json.loads((FOLDER / f"{view}.json").read_text())
        stix2.parse(bundle)
        objects = {one["id"]: one for one in bundle["objects"]}
        assert len(objects) == len(bundle["objects"])
        rows = len((FOLDER / f"{view}.ndjson").read_text().splitlines())
        assert sum(one["type"] == kind for one in objects.values()) == rows
        for one in objects.values():
            refs = [one[name] for name in one if name.endswith("_ref")]
            refs += [ref for name in one if name.endswith("_refs") for ref in one[name]]
            assert all(ref in objects for ref in refs), one["id"]
        observables = [one for one in objects.values() if "created" not in one]
        for one in observables:
            kept = {name: value for name, value in one.items() if name not in ("id", "type", "spec_version")}
            assert stix2.parse({"type": one["type"], "spec_version": "2.1", **kept}).id == one["id"], one
    step("stix2 reads the bundles and makes the same ids of observables")


def misp():
    manifest = json.loads((FOLDER / "misp/manifest.json").read_text())
    incidents = (FOLDER / "incidents.ndjson").read_text().splitlines()
    assert len(manifest) == len(incidents) > 0, (len(manifest), len(incidents))
    hashes = {tuple(line.split(",")) for line in (FOLDER / "misp/hashes.csv").read_text().splitlines()}
    tags = set()
    for uuid, entry in manifest.items():
        event = MISPEvent()
        event.load_file(FOLDER / f"misp/{uuid}.json")
        assert event.uuid == uuid and event.info == entry["info"] and event.attributes
        assert int(event.timestamp.timestamp()) == int(entry["timestamp"])
        assert event.event_reports[0].content.startswith("# ")
        for attribute in event.attributes:
            digest = hashlib.md5(attribute.value.encode()).hexdigest()
            assert (digest, uuid) in hashes, attribute.value
        feed = event.to_feed(with_meta=True)
        assert feed["Event"]["uuid"] == uuid and feed["Event"]["_manifest"][uuid]["info"] == entry["info"]
        names = {tag.name for tag in event.tags}
        assert "tlp:clear" in names
        tags |= names
    assert any(name.startswith("misp-galaxy:") for name in tags), tags
    step(f"pymisp loads {len(manifest)} events of the feed")


def description():
    _, _, body = get("/api/v1/openapi.json")
    validate(json.loads(body))
    step("openapi-spec-validator finds the description of the API sound")


description()
feeds()
json_feeds()
tables()
bundles()
misp()
