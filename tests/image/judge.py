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
    archives = {server: Path(images) / f"chancery-{server}-{entry(server)['version']}.tar" for server in servers}
    engine = Engine(images)
    engine.clear()
    try:
        for server, archive in archives.items():
            with tempfile.TemporaryDirectory() as folder:
                judge(f"{server}: ", Archive(engine, server, archive, folder), ARCHIVE)
        image = engine.load(archives["issues"])
        with tempfile.TemporaryDirectory() as folder:
            # The container's user has to get in.
            Path(folder).chmod(0o755)
            for suite in (hardened, rolling):
                try:
                    with suite.case(engine, image, Path(folder) / suite.__name__, binary) as case:
                        judge("", case, suite.CHECKS)
                except Exception as error:
                    traceback.print_exc()
                    print(f"not ok - {suite.__name__}: it begins and ends: {error!r}", flush=True)
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
    def __init__(self, engine, server, path, folder):
        self.engine, self.server, self.path = engine, server, path
        self.files, self.image = unpack(path, folder), engine.load(path)
        inspect = ["skopeo", "inspect", "--config", f"oci-archive:{path}"]
        self.config = json.loads(subprocess.run(inspect, capture_output=True, check=True).stdout)["config"]
        self.labels = self.config["Labels"]

    def run(self, *command):
        """Runs the image with nothing mounted and nothing configured."""
        return self.engine.once(self.image, *command)


def is_below_25_megabytes(archive):
    """As it is pulled; what it takes on a node is told beside it."""
    size = archive.path.stat().st_size
    assert size < LIMIT, f"{size} bytes, {LIMIT} are allowed"
    unpacked = sum(path.lstat().st_size for path in archive.files.rglob("*") if path.is_file() and not path.is_symlink())
    return f"{size / 1e6:.1f} MB, {unpacked / 1e6:.1f} MB unpacked"


def has_its_labels(archive):
    empty = [label for label in LABELS if not archive.labels.get(label)]
    assert not empty, f"without {', '.join(empty)}"
    told = entry(archive.server)
    assert archive.labels["io.modelcontextprotocol.server.name"] == told["name"], archive.labels
    assert archive.labels["org.opencontainers.image.version"] == told["version"], archive.labels


def names_the_contract_that_it_serves(archive):
    contract = json.loads(archive.run("tools", "--json").stdout)
    assert contract["digest"] == archive.labels["dev.chancery.contract.digest"], contract["digest"]


def runs_as_a_user_who_owns_its_state_alone(archive):
    assert archive.config["User"] == "65532:65532", archive.config["User"]
    owned = {str(path.relative_to(archive.files)) for path in archive.files.rglob("*") if path.lstat().st_uid == 65532}
    assert owned == {"var/lib/chancery"}, owned
    loose = [path for path in archive.files.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o6022]
    assert not loose, f"writable by others, or with another's rights: {loose}"


def says_what_is_in_it(archive):
    files = archive.files / "usr/share/doc/chancery"
    bill = json.loads((files / "sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX" and len(bill["components"]) > 100, bill.keys()
    terms = (files / "THIRD-PARTY.txt").read_text()
    assert "Apache License" in terms and "tokio" in terms
    return f"{len(bill['components'])} components"


def has_no_simulators(archive):
    for command in (["serve", "--sandbox"], ["sandbox", "any"]):
        refused = archive.run(*command)
        assert refused.returncode == 2 and "-sandbox" in refused.stderr, (refused.returncode, refused.stderr)
    binary = archive.files / f"bin/chancery-{archive.server}"
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
    runs_as_a_user_who_owns_its_state_alone,
    says_what_is_in_it,
    has_no_simulators,
    asks_for_identity_before_it_serves,
]


def entry(server):
    """What the registry of MCP servers is told of it."""
    return json.loads((SOURCES / "servers" / server / "server.json").read_text())


def unpack(archive, folder):
    """The files of an image, its layers one over the other, with their owners."""
    blobs, root = Path(folder) / "archive", Path(folder) / "root"
    blobs.mkdir(), root.mkdir()
    subprocess.run(["tar", "xf", archive, "-C", blobs], check=True)
    blob = lambda named: blobs / "blobs" / named["digest"].replace(":", "/")
    index = json.loads((blobs / "index.json").read_text())
    for layer in json.loads(blob(index["manifests"][0]).read_text())["layers"]:
        subprocess.run(["tar", "xpf", blob(layer), "--numeric-owner", "-C", root], check=True)
    return root


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
