#!/usr/bin/env python3
"""Builds the taxonomy files beside this script from the collected lists.

    python3 data/taxonomy/build.py ../shared/datasets

Python 3.10, standard library only. Keeps names and ids, which are facts, of rows whose licence permits
redistribution, and joins rows that speak of one thing. What is left out and why: data/README.md.
"""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Lists of names: how a row is read, and which list's spelling wins (earlier wins).
KINDS = {
    "misp-galaxy/mitre-intrusion-set": "actor",
    "misp-galaxy/threat-actor": "actor",
    "misp-galaxy/microsoft-activity-group": "actor",
    "misp-galaxy/mitre-malware": "malware",
    "misp-galaxy/mitre-tool": "malware",
    "misp-galaxy/ransomware": "brand",
    "misp-galaxy/tool": "malware",
    "misp-galaxy/rat": "malware",
    "misp-galaxy/botnet": "malware",
    "misp-galaxy/banker": "malware",
    "misp-galaxy/stealer": "malware",
    "misp-galaxy/backdoor": "malware",
    "misp-galaxy/wiper": "malware",
    "misp-galaxy/exploit-kit": "malware",
    "misp-galaxy/cryptominers": "malware",
    "misp-galaxy/android": "malware",
    "misp-galaxy/stalkerware": "malware",
    "misp-galaxy/rmm-tool": "tool",
}
PRIORITY = {source: at for at, source in enumerate(["siftwire", *KINDS])}
SHORT = {"siftwire": "siftwire", **{source: source.removeprefix("misp-galaxy/") for source in KINDS}}

# Parts of the system and administrators' programs that ATT&CK and MISP list because attackers use them.
LEGITIMATE = set("""
ipconfig at ifconfig nbtstat route rclone netstat dsquery dsquery.exe cmd cmd.exe certutil certutil.exe netsh bitsadmin
diskpart psexec paexec net net.exe esentutl reg reg.exe tasklist ngrok nbtscan ftp ftp.exe systeminfo ping arp schtasks
trufflehog expand tor forfiles connectwise sdelete sqlmap adfind remoteutilities rawdisk nltest wevtutil attrib frp
responder quick_assist cipher.exe netcat netscan procdump private_internet_access openvpn tightvnc rdpwrap rdp_wrapper
chisel gost ammyadmin csvde.exe hyena metasploit confuserex screenconnect teamviewer winexe bloodhound
""".replace("_", " ").split())
LEGITIMATE |= {"quick assist", "private internet access", "rdp wrapper"}
# Names of lists, places and products that stand among the families.
NO_NAMES = set("""
trojan backdoor malware ransomware worm botnet payload rootkit rat unknown android python php netflix systemd defender
russian korean turkish czech brazilian iranian chinese nsa cia donald trump christmas philadelphia august explorer
windows apple google microsoft adobe facebook twitter telegram whatsapp signal desktop chrome firefox linux bash shell
template sanction sanctions payment district global first core one root judge deputy survey sector security team group
data breach exploit vulnerability hacker hackers hacked attack attacks virus viruses spyware adware dropper downloader
loader stealer wiper keylogger banker cryptominer miner coinminer generic agent beta demo fake test unnamed tool tools
powershell vbscript javascript excel outlook word office exchange iis apache nginx wordpress joomla drupal magento
thanksgiving hitler james kevin jimmy mafia ups nevada the sun death aware play_store mobile phone email web server
""".replace("_", " ").split()) | {"donald trump", "play store", "united states", "north korea", "south korea"}
SUFFIX = re.compile(r"\s+(?:ransomware|malware|trojan|worm|virus|botnet|backdoor|rootkit|stealer)(?:\s*\(.*\))?$", re.I)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")


def cells(text):
    return [part.strip() for part in text.split("|") if part.strip()]


def key(name):
    """Names that differ in case, spaces and hyphens only are one name."""
    return re.sub(r"[\s\-_]+", "", name).lower()


def plain(name):
    """The name without what lists hang on it; empty if nothing useful stays."""
    name = re.sub(r"\s*\((?:fake|malware family|ransomware|android|windows|elf|osx)\)", "", name, flags=re.I)
    name = name.replace("–", "-").replace("\u200b", "").strip(" .,;:'\"")
    if len(name) > 40 or len(name.split()) > 4 or re.search(r"unnamed|unidentified|ransomware blog|[\\/<>@\[\]]", name, re.I):
        return ""
    letters = sum(letter.isalpha() for letter in name)
    return name if len(name) >= 2 and letters >= 1 else ""


def spellings(name):
    """A name, and the name without a trailing kind word: `Locky Ransomware` is also `Locky`."""
    name = plain(name)
    if not name:
        return []
    short = plain(SUFFIX.sub("", name))
    return [name, short] if short and short != name and not short.lower().endswith("black") else [name]


class Group:
    """One thing: the names that lists give it."""

    def __init__(self, kind, name, ident, source):
        self.kind, self.name, self.ident, self.rank = kind, name, ident, PRIORITY[source]
        self.aliases, self.sources = {}, [SHORT[source]]

    def add(self, names, source):
        for name in names:
            self.aliases.setdefault(name, None)
        if SHORT[source] not in self.sources:
            self.sources.append(SHORT[source])


def ident_of(external):
    ids = {part.split(":")[0]: part for part in cells(external)}
    return ids.get("attack") or ids.get("misp") or ""


def families(folder, common):
    """Joins the lists in order of trust. A row joins a group when its own name is one of the group's names, or
    when one of its aliases is the group's main name. Aliases alone join nothing, since some belong to two."""
    groups, owner, main = [], {}, {}
    listed = [dict(row, source="siftwire", external_ids=row["id"]) for row in rows(HERE / "own.tsv")]
    listed = [row for row in listed if row["kind"] in ("brand", "malware", "actor", "tool")]
    named = [row for row in rows(folder / "names.tsv") if row["source"] in KINDS]
    named.sort(key=lambda row: PRIORITY[row["source"]])
    for row in listed + named:
        source = row["source"]
        kind = KINDS.get(source) or row["kind"]
        names = [n for raw in [row["name"], *cells(row["aliases"])] for n in spellings(raw)]
        if source != "siftwire":
            names = [n for n in names if n.lower() not in NO_NAMES]
            if any(n.lower() in LEGITIMATE for n in names[:1]):
                kind = "tool"
        if not names:
            continue
        side = "actor" if kind == "actor" else "malware"
        first = key(names[0])
        group = owner.get((side, first)) or (owner.get(("actor", first)) if kind == "brand" else None)
        if group is None and first not in common:
            group = next((main[side, key(n)] for n in names[1:] if (side, key(n)) in main and key(n) not in common), None)
        if group is None:
            group = Group(kind, names[0], ident_of(row["external_ids"]), source)
            groups.append(group)
            main[side, first] = group
        if not group.ident:
            group.ident = ident_of(row["external_ids"])
        mine = [n for n in names if owner.setdefault((side, key(n)), group) is group]
        group.add(mine, source)
    return groups


def write(name, header, lines, note):
    with (HERE / name).open("w", encoding="utf-8", newline="\n") as file:
        for line in note:
            file.write(f"# {line}\n")
        file.write("\t".join(header) + "\n")
        for line in lines:
            file.write("\t".join(str(cell) for cell in line) + "\n")
    print(f"{name}: {len(lines)} rows", file=sys.stderr)


def write_names(folder, common):
    order = {"brand": 0, "malware": 1, "actor": 2, "tool": 3}
    lines = []
    for group in families(folder, common):
        aliases = [alias for alias in group.aliases if alias != group.name]
        lines.append((group.kind, group.name, group.ident, "|".join(aliases), "+".join(group.sources)))
    lines.sort(key=lambda line: (order[line[0]], line[1].lower()))
    lines += [("not", row["name"], "", row["aliases"], "siftwire") for row in rows(HERE / "own.tsv") if row["kind"] == "not"]
    write("names.tsv", ("kind", "name", "id", "aliases", "source"), lines, [
        "Malware, actors, brands (gang and malware under one name), legitimate tools, and phrases that only look like names.",
        "Source: MISP galaxy cluster of that name, CC0-1.0 (ATT&CK ids: (c) MITRE, ATT&CK terms of use); siftwire: by hand, CC0-1.0.",
    ])


# In general news only because they became famous.
FAMOUS = set("""
gandcrab sodinokibi revil wannacry wannacrypt avaddon qbot spora htran thedarkoverlord bashlite apt28 apt29 apt10 stuxnet
notpetya petya mirai lazarus shamoon cryptolocker blackpos lulzsec kaptoxa mebroot zeus conficker lockbit ryuk samsam
emotet trickbot dridex gozi sofacy kimsuky shinyhunters guccifer blackcat alphv clop darkside cerber locky mimikatz
netwalker egregor ransomhub qilin hafnium nobelium sunburst wcry dharma bitpaymer egregor doppelpaymer carbanak
""".split())

# Ordinary words among the names that the list of ambiguous names does not count, since older texts lack them.
MORE_COMMON = """
abyss agenda akira anonymous apple cactus carbon chaos cloak conti cuba data embargo everest fog gentlemen grief havoc
hive hunters inc interlock kraken lorenz lynx maze medusa meow money monti nova orange pegasus play predator quantum
raccoon ransom red royal sarcoma signal sliver snatch snake space storm target termite warlock world black blue cloud
graphite empire mythic donut covenant ghost flame turla bear panda typhoon dragon phoenix spider gop sea hunter joker
alibaba alfa amnesia amos andromeda annabelle anubis apostle arcane archie atlas aura aurora avalanche avenger axiom babylon
backflash backspace barium bart basin bazar beagle benchmark bert bismuth bluesky boron bouncer bowser bread bromine
brushfire bud bumblebee bunny butterfly caesium calcium calisto callisto calypso cannon canopy chameleon cheers chimera
chlorine cicada citadel cleaver cobalt colossus combos condi confucius creeper crimson crypt cuckoo curium cyborg cyclone
cyclops cylance dameware denis disco django dragonfly dune dusk electrum elfin elmer endurance enigma entropy eris eruption
escobar esmeralda eternity exchanger exodus exorcist exotic fantom faust fenced fidel fiesta fireball flamer flamingo
flipside forma foxtrot frag freshdesk frog gallium gazer gazprom genesis geneve gladius golem gopher gorgon gorilla gotcha
gibberish gibbon griffon groove hades haze helium hellfire hermes hermit hippo hoard hog holmium honeybee horde hornbill
houdini hydra hydrogen icarus indra insomnia iodine iridium ishtar jigsaw judy kangaroo karma katana knight knot kronos kappa
lambda leviathan lexus lick lilith lime lucifer lucy luna lurid lyceum machete magician magnesium mamba mandrake manganese
mango mantis marcher marina mariposa mars marlboro matrix maui mercury meteor midas mimic minotaur mirage mischa monsoon
monument moonlight mordor mosquito moth mutant mystic nautilus nebula nemesis neptunium neuron neutrino nickel nitrogen
nocturnal norton oceans octopus orca ordinal outsider oxide oxygen paladin pandora paradox parasite patcher patchwork pickles
planetary platinum playboy plutonium polaris polonium polyglot pony popeye potassium potato prestige prism proton proxima
punisher puppy purge ragnarok raindrop reaper relic reptile rhino riptide rotor ruby ruler sage sakura salsa samurai satan
saturn satyr scandium scarab scimitar scorpion scraper scream sepsis serpent sodium sparta spartan spartacus spectre sphinx
stinger strontium sulphur sunspot superman supernova sword synapse taurus telegraph tellurium tengu thallium thanos thor
thorium tick timmy topgear tortoise trickster triton tron tycoon tyrant ursa vanguard vapor venom viagra viper vortex voyeur
vulcan vulture warp warzone waffle wraith xena zeta zinc ziggy zipper zircon zirconium zorro milan atomic chrome
"""


# General news, and summaries of incidents by people: a family's name that stands there in lower case is a word.
GENERAL = ("ecbplus.jsonl", "google_news_t.jsonl")
SECURITY = ("vcdb.jsonl", "casie.jsonl")


def texts(path):
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        yield " ".join(str(row.get(field) or "") for field in ("title", "text", "summary"))


def words_of_news(folder):
    """Words that general news uses in any case, and that security news uses in lower case at least twice."""
    counts = Counter()
    for name in SECURITY:
        for text in texts(folder / name):
            counts.update(set(re.findall(r"\b[a-z][a-z0-9]+\b", text)))
    words = {word for word, count in counts.items() if count > 1}
    for name in GENERAL:
        for text in texts(folder / name):
            words.update(word.lower() for word in re.findall(r"\w+", text))
    return words


def common_words(folder, news, names):
    """Names of one word that are also something else: in general news, a country's or capital's, a product's."""
    places = {word.lower() for row in rows(folder / "countries.tsv")
              for word in [row["name"], row["capital"], *cells(row["aliases"])]}
    makers = {name.lower() for row in rows(HERE / "own.tsv") if row["kind"] in ("vendor", "product")
              for name in [row["name"], *cells(row["aliases"])]}
    ordinary = words_of_news(news) | places | makers | {row["vendor"].lower() for row in rows(folder / "kev.tsv")}
    words = set(MORE_COMMON.split()) | {name for name in names if name in ordinary}
    for row in rows(folder / "ambiguous_names.tsv"):
        name = row["name"].lower()
        if " " in name:
            continue
        true = int(row["labelled_as_malware_or_actor"])
        if row["is_common_word"] == "yes" or (int(row["general_news_hits"]) > 1 and true == 0):
            words.add(name)
    return words - FAMOUS


def single_words(folder):
    """All names of one word in the lists of families, in lower case."""
    names = (name for row in rows(folder / "names.tsv") for raw in [row["name"], *cells(row["aliases"])] for name in spellings(raw))
    return {name.lower() for name in names if re.fullmatch(r"\w+", name)}


def write_common(common):
    with (HERE / "common.txt").open("w", encoding="utf-8", newline="\n") as file:
        file.write("# Names that are also ordinary words: counted only beside a cue. Counted in general news for siftwire, CC0-1.0.\n")
        file.writelines(word + "\n" for word in sorted(common))


def write_kev(folder):
    lines = [(row["cve"], row["vendor"], row["product"], "yes" if row["known_ransomware_use"] == "Known" else "")
             for row in rows(folder / "kev.tsv")]
    write("kev.tsv", ("cve", "vendor", "product", "ransomware"), sorted(lines),
          ["Known exploited vulnerabilities, edition of 2025-08-25. Source: cisagov/kev-data, CC0-1.0."])


def write_techniques(folder):
    lines = [(row["id"], row["name"], row["tactics"]) for row in rows(folder / "attack_techniques.tsv")]
    write("techniques.tsv", ("id", "name", "tactics"), sorted(lines), [
        "ATT&CK techniques: ids, names and tactics. Source: MISP galaxy mitre-attack-pattern, CC0-1.0;",
        "(c) The MITRE Corporation, reproduced under the ATT&CK terms of use.",
    ])


LEGAL = re.compile(r",?\s+(?:inc|corp|corporation|company|co|ltd|plc|group|holdings|incorporated|technologies|the)\.?$", re.I)


def write_vendors(folder):
    seen, lines = {}, []

    def add(kind, name, aliases, of, source):
        if (kind, key(name)) in seen:
            return
        seen[kind, key(name)] = True
        aliases = [alias for alias in dict.fromkeys(aliases) if key(alias) != key(name) or alias != name]
        aliases = [alias for alias in aliases if seen.setdefault((kind, key(alias)), True) is True]
        lines.append((kind, name, "|".join(a for a in aliases if a != name), of, source))

    for row in rows(HERE / "own.tsv"):
        if row["kind"] in ("vendor", "product"):
            add(row["kind"], row["name"], cells(row["aliases"]), row["of"], "siftwire")
    for row in rows(folder / "kev.tsv"):
        if row["vendor"] and not re.search(r"multiple|/|,", row["vendor"], re.I):
            add("vendor", row["vendor"], [], "", "kev")
        for product in re.split(r",\s*(?:and\s+)?|\s+and\s+(?=[A-Z])", row["product"]):
            product = re.sub(r"\s*\(.*?\)", "", product).strip()
            if 3 <= len(product) <= 40 and not re.search(r"multiple|products|devices|routers|component|kernel mode", product, re.I):
                add("product", product, [f"{row['vendor']} {product}"] if not product.startswith(row["vendor"]) else [], row["vendor"], "kev")
    for row in rows(folder / "companies.tsv"):
        if row["licence"].startswith("ODC-PDDL"):
            short = LEGAL.sub("", row["name"]).replace(" (The)", "")
            name = short if len(short) > 3 else row["name"]
            add("company", name, [row["name"], *cells(row["aliases"])], row["sector"], "sp500")
    lines.sort(key=lambda line: (line[0], line[1].lower()))
    write("vendors.tsv", ("kind", "name", "aliases", "of", "source"), lines, [
        "Vendors, their products, and large companies. `of`: a product's vendor, a company's sector.",
        "Source: kev: cisagov/kev-data, CC0-1.0; sp500: datasets/s-and-p-500-companies, ODC-PDDL-1.0; siftwire: by hand, CC0-1.0.",
    ])


def write_cpe(folder):
    products = defaultdict(list)
    for row in rows(folder / "cpe_products.tsv"):
        products[row["vendor"]].append(row["product"])
    lines = [(vendor, "|".join(names)) for vendor, names in sorted(products.items())]
    write("cpe.tsv", ("vendor", "products"), lines, [
        "CPE vendors and products. Source: tiiuae/cpedict, CC BY-SA 4.0 (over NVD, public domain).",
        "This file alone is under CC BY-SA 4.0: https://creativecommons.org/licenses/by-sa/4.0/",
    ])


def write_attacks(folder):
    lines = []
    for row in json.loads((folder / "attack_types.json").read_text())["attack_types"]:
        lines.append((row["tag"], "|".join(one["id"] for one in row["attack"]), row.get("veris_action") or "",
                      row.get("rsit") or "", row.get("misp_taxonomy") or "", "|".join(row.get("stix_types") or [])))
    write("attacks.tsv", ("tag", "attack", "veris", "rsit", "misp", "stix"), lines, [
        "What others call the 22 attacks: ATT&CK technique ids ((c) MITRE, ATT&CK terms of use), VERIS values",
        "(vz-risk/veris, CC BY-SA 4.0; names only), RSIT and MISP tags (CC0-1.0), STIX types. The mapping is siftwire's, CC0-1.0.",
    ])


def write_countries(folder):
    adjectives = {row["iso2"]: row["adjectives"] for row in rows(HERE / "adjectives.tsv")}
    lines = [(row["iso2"], row["name"], row["aliases"], adjectives.get(row["iso2"], ""), row["capital"])
             for row in rows(folder / "countries.tsv")]
    write("countries.tsv", ("iso2", "name", "aliases", "adjectives", "capital"), sorted(lines), [
        "Source: MISP galaxy country and target-information, CC0-1.0; adjectives: siftwire, CC0-1.0.",
    ])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder, news = Path(sys.argv[1], "taxonomy"), Path(sys.argv[1], "news")
    common = common_words(folder, news, single_words(folder))
    write_names(folder, common)
    write_common(common)
    write_vendors(folder)
    write_cpe(folder)
    write_kev(folder)
    write_techniques(folder)
    write_attacks(folder)
    write_countries(folder)


if __name__ == "__main__":
    main()
