"""What stands around a container: a vendor's simulator, a database, a configuration with its secrets and keys."""

import json
import os
import secrets
import subprocess
import urllib.request
from pathlib import Path

from client import Client
from engine import folder_of_the_user

STATE = "/var/lib/chancery"
SETTINGS = "/etc/chancery"
POSTGRES = Path(__file__).parents[2] / "crates/store/src/testing/postgres.sh"


class Vendor:
    """The Jira of the demo company, served by a binary with simulators."""

    def __init__(self, binary):
        command = [binary, "sandbox", "jira", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.told = json.loads(self.process.stderr.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.told["control_url"] + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.loads(reply.read() or "null")

    def log(self):
        """All requests so far. It keeps the newest 5,000: more of them would make the counts wrong."""
        entries = self.control("log")
        entries = entries if isinstance(entries, list) else entries["entries"]
        assert not entries or entries[0]["n"] <= 1, "the log of the simulator has run over"
        return entries

    def created(self):
        """The titles of the issues that were created, once for each time."""
        made = [e for e in self.log() if (e["method"], e["status"]) == ("POST", 201) and e["path"].endswith("/issue")]
        return [json.loads(entry["request_body"])["fields"]["summary"] for entry in made]


class Database:
    """A PostgreSQL that lives as long as our end of its standard input."""

    def __init__(self):
        command = ["sh", "-c", POSTGRES.read_text(), "sh", str(programs())]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/tmp")
        self.folder = self.process.stdout.readline().strip()
        assert self.folder, "PostgreSQL did not start"
        # The container's user comes to its socket there.
        os.chmod(self.folder, 0o711)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def programs():
    told = os.environ.get("CHANCERY_POSTGRES_BIN")
    return told or max(Path("/usr/lib/postgresql").glob("*/bin"))


class House:
    """A folder of settings for `chancery-issues` with the vendor as its one source, and a key for one caller."""

    def __init__(self, engine, image, folder, vendor, store=None):
        self.engine, self.image, self.folder = engine, image, Path(folder)
        self.settings = folder_of_the_user(self.folder / "settings")
        self.store = store
        self.write("pepper", secrets.token_hex(32))
        self.write("seal", secrets.token_hex(32))
        self.write("jira-token", vendor.told["access_token"])
        self.write("config.toml", self.config(vendor))
        self.token = self.create_key()

    def config(self, vendor):
        store = f'[store]\nurl = "{self.store}"\n' if self.store else ""
        return f"""{store}[server]
behind_tls_proxy = true
[limits]
caller = {{ per_second = "off" }}
tool = {{ writes_per_second = "off" }}
[seal]
keys = ["file:{SETTINGS}/seal"]
[identity.keys]
file = "{SETTINGS}/keys.jsonl"
pepper = "file:{SETTINGS}/pepper"
[source.jira]
vendor = "jira"
base_url = "{vendor.told['base_url']}"
projects = ["OPS"]
auth = {{ grant = "bearer", token = "file:{SETTINGS}/jira-token" }}
"""

    def write(self, name, text):
        path = self.settings / name
        path.write_text(text)
        os.chown(path, *[os.stat(self.settings).st_uid] * 2)
        path.chmod(0o400)

    def create_key(self):
        grants = ["--scope", "issues:read", "--scope", "issues:write"]
        made = self.run("keys", "create", "--subject", "night-agent", *grants, mode="rw")
        assert made.returncode == 0, made.stderr
        return made.stdout.splitlines()[0]

    def run(self, *command, state=None, mode="ro"):
        """Runs a command of the image beside the server."""
        return self.engine.once(self.image, *command, mounts=self.mounts(state, mode))

    def start(self, name, state, port):
        listen = [("CHANCERY_SERVER__LISTEN", f"0.0.0.0:{port}"), ("CHANCERY_SERVER__ADMIN", f"0.0.0.0:{port + 1}")]
        listen.append(("CHANCERY_SERVER__REPLICA", name))
        return self.engine.start(name, self.image, mounts=self.mounts(state), environment=listen).until_ready()

    def mounts(self, state, mode="ro"):
        mounts = [(self.settings, SETTINGS, mode)]
        if state:
            mounts.append((state, STATE, "rw"))
        if self.store:
            folder = self.store.rsplit("=", 1)[1]
            mounts.append((folder, folder, "rw"))
        return mounts

    def client(self, *ports):
        return Client(self.token, *ports)
