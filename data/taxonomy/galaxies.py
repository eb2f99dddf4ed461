#!/usr/bin/env python3
"""Makes galaxies.tsv: what MISP's galaxies and ATT&CK call the things that names.tsv and techniques.tsv list.

Needs the package pymispgalaxies, which carries the galaxies (CC0-1.0):

    pip install pymispgalaxies==1.1.1 && python3 data/taxonomy/galaxies.py
"""
import json
import pathlib
import re

import pymispgalaxies

HERE = pathlib.Path(__file__).parent
CLUSTERS = pathlib.Path(pymispgalaxies.__file__).parent / "data/misp-galaxy/clusters"
# Those that analysts filter on first; at most LIMIT tags of a name are kept.
GALAXIES = [
    "ransomware", "threat-actor", "mitre-intrusion-set", "mitre-malware", "mitre-tool", "botnet", "banker",
    "rat", "stealer", "backdoor", "tool", "android", "exploit-kit", "microsoft-activity-group",
]
PATTERNS = ["mitre-attack-pattern", "mitre-pre-attack-attack-pattern", "mitre-mobile-attack-attack-pattern"]
LIMIT = 3


def clusters(name):
    return json.loads((CLUSTERS / f"{name}.json").read_text())["values"]


def rows(name):
    lines = [line for line in (HERE / name).read_text().splitlines() if not line.startswith("#")]
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t"))) for line in lines[1:]]


def plain(name):
    """A name as it is compared: without ATT&CK's number and the word ransomware."""
    name = re.sub(r" - [GS]\d{4}$", "", name).lower()
    return re.sub(r"\s+", " ", re.sub(r"\bransomware\b", "", name)).strip()


def techniques():
    found = {}
    for galaxy in PATTERNS:
        for cluster in clusters(galaxy):
            number = cluster.get("meta", {}).get("external_id")
            if number and number not in found:
                found[number] = (f'{galaxy}="{cluster["value"]}"', cluster["uuid"])
    for row in rows("techniques.tsv"):
        if row["id"] in found:
            tag, uuid = found[row["id"]]
            yield "technique", row["id"], uuid, tag


def names():
    by_name, by_id = {}, {}
    for galaxy in GALAXIES:
        for cluster in clusters(galaxy):
            tag = f'{galaxy}="{cluster["value"]}"'
            by_name.setdefault((galaxy, plain(cluster["value"])), tag)
            by_id.setdefault(f'misp:{cluster["uuid"]}', []).append(tag)
            number = cluster.get("meta", {}).get("external_id")
            if number:
                by_id.setdefault(f"attack:{number}", []).append(tag)
    for row in rows("names.tsv"):
        if row["kind"] == "not":
            continue
        tags = list(by_id.get(row["id"], []))
        for galaxy in GALAXIES:
            if galaxy in row["source"].split("+"):
                forms = [row["name"], *row["aliases"].split("|")]
                tags.append(next(filter(None, (by_name.get((galaxy, plain(form))) for form in forms)), None))
        tags = [tag for tag in dict.fromkeys(tags) if tag and "\t" not in tag]
        tags.sort(key=lambda tag: GALAXIES.index(tag.split("=")[0]))
        if tags:
            kind = {"actor": "actor", "brand": "brand"}.get(row["kind"], "malware")
            yield kind, row["name"], "", *tags[:LIMIT]


lines = sorted({line[:2]: line for line in [*names(), *techniques()]}.values())
head = (
    "# What MISP's galaxies call malware, actors and techniques, and the STIX ids of ATT&CK's techniques.\n"
    "# Source: MISP galaxy, CC0-1.0; (c) The MITRE Corporation, reproduced under the ATT&CK terms of use. Made by galaxies.py.\n"
    "kind\tname\tstix\ttags\n"
)
(HERE / "galaxies.tsv").write_text(head + "".join("\t".join(line) + "\n" for line in lines))
