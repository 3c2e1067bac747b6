"""Containers under podman and runc, as locked up as a cluster's strictest policy wants them."""

import json
import os
import subprocess
import time
from pathlib import Path

USER = 65532

HARDENED = [
    *["--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all"],
    *["--security-opt", "no-new-privileges", "--memory", "128m", "--pids-limit", "64"],
    # What podman would ask for may be more than the machine grants.
    *["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096"],
]


class Engine:
    def __init__(self, folder):
        folder = Path(folder).resolve()
        self.prefix = ["podman", "--root", f"{folder}/podman", "--runroot", f"{folder}/podman-run", "--runtime", "runc"]
        self.prefix += ["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def do(self, *arguments, check=True):
        done = subprocess.run([*self.prefix, *arguments], capture_output=True, text=True, timeout=120)
        assert not check or done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr}"
        return done

    def load(self, archive):
        """The name of the image."""
        return self.do("load", "--quiet", "--input", str(archive)).stdout.split("Loaded image:")[1].split()[0]

    def once(self, image, *arguments, mounts=()):
        """Runs a command of the image to its end."""
        return self.do("run", "--rm", *HARDENED, *volumes(mounts), image, *arguments, check=False)

    def start(self, name, image, *arguments, mounts=(), environment=()):
        variables = [word for pair in environment for word in ("--env", "=".join(pair))]
        self.do("run", "--detach", "--name", name, *HARDENED, *volumes(mounts), *variables, image, *arguments)
        return Container(self, name)

    def clear(self):
        self.do("rm", "--all", "--force", "--time", "0", check=False)


class Container:
    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def health(self):
        return self.engine.do("exec", self.name, "/bin/chancery", "health", check=False)

    def until_ready(self):
        for _ in range(300):
            if self.health().returncode == 0:
                return self
            assert self.inspect()["State"]["Running"], self.log()
            time.sleep(0.1)
        raise AssertionError(f"{self.name} is not ready: {self.log()}")

    def inspect(self):
        return json.loads(self.engine.do("inspect", self.name).stdout)[0]

    def terminate(self):
        self.engine.do("kill", "--signal", "TERM", self.name)

    def ended(self):
        """The exit code; the container is gone then, its mounts are not."""
        code = int(self.engine.do("wait", self.name).stdout)
        log = self.log()
        self.engine.do("rm", self.name)
        assert code == 0, f"exit code {code}: {log}"
        return log

    def log(self):
        said = self.engine.do("logs", self.name, check=False)
        return said.stdout + said.stderr


def volumes(mounts):
    return [word for here, there, mode in mounts for word in ("--volume", f"{here}:{there}:{mode}")]


def folder_of_the_user(path):
    """A folder that the container's user owns."""
    path = Path(path)
    path.mkdir(parents=True)
    os.chown(path, USER, USER)
    return path
