"""What the chart says of the servers, held against the servers."""

import json
import re

import yaml


def table(root):
    return yaml.safe_load((root / "deploy/chart/domains.yaml").read_text())


def images(root):
    told = {domain: entry["image"] for domain, entry in table(root).items()}
    server = {domain: json.loads((root / f"servers/{domain}/server.json").read_text()) for domain in told}
    # The registry is the chart's `image.registry`.
    real = {domain: server[domain]["packages"][0]["identifier"].rpartition("/")[2] for domain in told}
    assert told == real, f"domains.yaml has {told}, the servers are {real}"
    others = {p.name for p in (root / "servers").iterdir()} - {"template"} - set(told)
    assert not others, f"domains.yaml lacks {others}"


def hosts(root):
    """Every address that a vendor's client has of its own is in the table, and nothing else is."""
    constant = re.compile(r'(default_base_url|default_token_url|GATEWAY|Self::Eu)[^"]*"https://([a-z0-9.-]+)')
    for domain, entry in table(root).items():
        for vendor, told in entry["vendors"].items():
            folder = root / f"servers/{domain}/src/vendors/{vendor}"
            assert folder.is_dir(), f"{domain} has no vendor {vendor}"
            sources = [f.read_text() for f in folder.glob("*.rs") if f.stem != "sim"]
            real = {host for text in sources for _, host in constant.findall(text)}
            named = set(told.get("base", []) + told.get("token", []))
            assert named == real, f"{domain}, {vendor}: the chart has {named}, the client {real}"


def readme(root):
    """Each key of values.yaml stands in the README."""
    text = (root / "deploy/chart/README.md").read_text()
    values = yaml.safe_load((root / "deploy/chart/values.yaml").read_text())
    missing = [key for key in keys(values) if f"`{key}`" not in text]
    assert not missing, missing


def keys(values, above=""):
    for key, value in values.items():
        path = f"{above}{key}"
        # What is Kubernetes' own is not explained here.
        if isinstance(value, dict) and value and key not in ("resources",):
            yield from keys(value, f"{path}.")
        else:
            yield path
