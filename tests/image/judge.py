"""judge.py IMAGES BINARY SERVER...: judges every archive, then runs the image of `chancery-issues`. One line a check."""

import json
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import hardened
import rolling
from engine import Engine

SOURCES = Path(__file__).parents[2]
LIMIT = 25_000_000
LABELS = [
    *["org.opencontainers.image." + name for name in ("title", "description", "version", "revision", "created")],
    *["org.opencontainers.image.source", "org.opencontainers.image.licenses", "dev.chancery.contract.digest"],
]


def main(images, binary, servers):
    archives = {server: next(Path(images).glob(f"chancery-{server}-[0-9]*.tar")) for server in servers}
    engine = Engine(images)
    engine.clear()
    try:
        for server, archive in archives.items():
            judge(f"{server}: ", Archive(engine, server, archive), ARCHIVE)
        engine.load(archives["issues"])
        image = archives["issues"].stem.replace("chancery-issues-", "localhost/chancery-issues:")
        with tempfile.TemporaryDirectory() as folder:
            # The container's user has to get in.
            Path(folder).chmod(0o755)
            for suite in (hardened, rolling):
                with suite.Case(engine, image, Path(folder) / suite.__name__, binary) as case:
                    judge("", case, suite.CHECKS)
    finally:
        engine.clear()


def judge(prefix, subject, checks):
    for check in checks:
        title = prefix + check.__name__.replace("_", " ")
        try:
            said = check(subject)
            print(f"ok - {title}{f': {said}' if said else ''}", flush=True)
        except Exception as error:
            traceback.print_exc()
            print(f"not ok - {title}: {str(error) or repr(error)}", flush=True)


class Archive:
    def __init__(self, engine, server, path):
        self.engine, self.server, self.path = engine, server, path
        inspect = ["skopeo", "inspect", "--config", f"docker-archive:{path}"]
        self.config = json.loads(subprocess.run(inspect, capture_output=True, check=True).stdout)["config"]
        self.labels = self.config["Labels"]

    def run(self, *command):
        """Runs the image with nothing mounted and nothing configured."""
        image = f"docker-archive:{self.path}"
        return self.engine.once(image, *command)


def is_below_25_megabytes(archive):
    size = archive.path.stat().st_size
    assert size < LIMIT, f"{size} bytes, {LIMIT} are allowed"
    return f"{size / 1e6:.1f} MB"


def has_its_labels(archive):
    empty = [label for label in LABELS if not archive.labels.get(label)]
    assert not empty, f"without {', '.join(empty)}"
    entry = json.loads((SOURCES / "servers" / archive.server / "server.json").read_text())
    assert archive.labels["io.modelcontextprotocol.server.name"] == entry["name"], archive.labels
    assert archive.labels["org.opencontainers.image.version"] == entry["version"], archive.labels


def names_the_contract_that_it_serves(archive):
    contract = json.loads(archive.run("tools", "--json").stdout)
    assert contract["digest"] == archive.labels["dev.chancery.contract.digest"], contract["digest"]


def runs_as_nobody_and_probes_itself(archive):
    assert archive.config["User"] == "65532:65532", archive.config["User"]
    with_probe = subprocess.run(
        ["skopeo", "inspect", "--raw", "--config", f"docker-archive:{archive.path}"], capture_output=True, check=True
    )
    assert json.loads(with_probe.stdout)["config"]["Healthcheck"]["Test"] == ["CMD", "/bin/chancery", "health"]


def says_what_is_in_it(archive):
    with tempfile.TemporaryDirectory() as folder:
        files = unpacked(archive.path, folder) / "usr/share/doc/chancery"
        bill = json.loads((files / "sbom.cdx.json").read_text())
        assert bill["bomFormat"] == "CycloneDX" and len(bill["components"]) > 100, bill.keys()
        terms = (files / "THIRD-PARTY.txt").read_text()
        assert "Apache License" in terms and "tokio" in terms
        return f"{len(bill['components'])} components"


def has_no_simulators(archive):
    for command in (["serve", "--sandbox"], ["sandbox", "any"]):
        refused = archive.run(*command)
        assert refused.returncode == 2 and "-sandbox" in refused.stderr, (refused.returncode, refused.stderr)
    with tempfile.TemporaryDirectory() as folder:
        binary = unpacked(archive.path, folder) / f"bin/chancery-{archive.server}"
        assert b"halden" not in binary.read_bytes().lower(), "the demo company is in the binary"


def asks_for_identity_before_it_serves(archive):
    refused = archive.run()
    assert refused.returncode == 2, refused.returncode
    for word in ("0.0.0.0:8080", "[identity.keys]", "[issuer.NAME]"):
        assert word in refused.stderr, refused.stderr


ARCHIVE = [
    is_below_25_megabytes,
    has_its_labels,
    names_the_contract_that_it_serves,
    runs_as_nobody_and_probes_itself,
    says_what_is_in_it,
    has_no_simulators,
    asks_for_identity_before_it_serves,
]


def unpacked(archive, folder):
    """The files of an image, its layers one over the other."""
    outer, root = Path(folder) / "archive", Path(folder) / "root"
    outer.mkdir(), root.mkdir()
    subprocess.run(["tar", "xf", archive, "-C", outer], check=True)
    for layer in json.loads((outer / "manifest.json").read_text())[0]["Layers"]:
        subprocess.run(["tar", "xf", outer / layer, "-C", root], check=True)
    return root


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
