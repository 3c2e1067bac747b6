"""The real servers, started as the rendered pods start them, with the pod's paths below a temporary folder."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import yaml

import objects

# Seconds that a server may take to start, to answer and to end. Nobody outside is asked before it listens.
PATIENCE = 20


def check(root, binaries, rendered, stateful):
    """The server takes the rendered configuration, says that it listens, answers health, and ends with 0."""
    with pod(root, binaries, rendered, stateful) as (server, said, place, arguments):
        assert fetched(said["admin"] + "/healthz")
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0, server.returncode
        volumes = str(stateful["spec"]["template"]["spec"]["volumes"])
        remembers = "--read-only" not in arguments and "issues-store" not in volumes
        stores = [f.stem for f in place.glob("var/lib/chancery/store/*.db")]
        assert stores == ([stateful["metadata"]["name"].removeprefix("chancery-")] if remembers else []), stores
        assert said["audit"] == f"{place}/var/lib/chancery/audit", said


def freeze(root, chart, values, binaries):
    """What is written into the ConfigMap of a running server is in force, the way a kubelet writes it: by a link."""
    files = chart.render(values=yaml.safe_load(values.read_text()), name="chancery", namespace="tools")
    rendered = [d for n, t in files.items() if not n.endswith(".txt") for d in yaml.safe_load_all(t) if d]
    (stateful,) = objects.stateful_sets(rendered)
    with pod(root, binaries, rendered, stateful) as (_, said, place, _):
        metric = "chancery_policy_frozen 1"
        assert metric not in fetched(said["admin"] + "/metrics")
        rules = place / "etc/chancery/rules"
        next_version = rules / "..2"
        shutil.copytree(rules / "..1", next_version)
        (next_version / "freeze.toml").write_text("all = true\nreason = \"ask Ada\"\n")
        (rules / "..new").symlink_to("..2")
        (rules / "..new").rename(rules / "..data")
        waited(lambda: metric in fetched(said["admin"] + "/metrics"), "the freeze is not in force")


@contextlib.contextmanager
def pod(root, binaries, rendered, stateful):
    """The server of a StatefulSet, listening: its process, its first line, where its files are, its arguments."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        spec = stateful["spec"]["template"]["spec"]
        furnish(root, rendered, spec, place)
        (container,) = spec["containers"]
        arguments = [moved(argument, place) for argument in container["args"]]
        ports = {"--listen=0.0.0.0:8080": "--listen=0.0.0.0:0", "--admin=0.0.0.0:9090": "--admin=127.0.0.1:0"}
        assert set(ports) <= set(arguments), arguments
        arguments = [ports.get(argument, argument) for argument in arguments]
        environment = {v["name"]: moved(v["value"], place) for v in container["env"]}
        with running([binary(binaries, container["image"]), *arguments], environment) as server:
            yield server, listening(server), place, arguments


def furnish(root, rendered, spec, place):
    """The files that a kubelet would mount."""
    (place / "var/lib/chancery").mkdir(parents=True)
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    text = ""
    for mount in spec["containers"][0]["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        folder = place / mount["mountPath"].removeprefix("/")
        folder.mkdir(parents=True, exist_ok=True)
        if "configMap" in volume:
            for name, content in objects.one(rendered, "ConfigMap", volume["configMap"]["name"])["data"].items():
                text += content
                # As a kubelet has it: a link to the version that counts, and links into that.
                (folder / "..1").mkdir(exist_ok=True)
                (folder / "..1" / name).write_text(moved(content, place).replace(":8090", ":0"))
                (folder / name).symlink_to(f"..data/{name}")
            (folder / "..data").symlink_to("..1")
    keys = root / "crates" / "sandbox" / "keys"
    stand_ins = {
        "tls.crt": "server.pem", "tls.key": "server.key.pem", "ca.crt": "ca.pem",
        "github-app.pem": "app.key.pem", "salesforce.pem": "app.key.pem",
    }
    # What replicas would share is left to one process: no database is needed to see that the server takes the text.
    contents = {"url": "memory", "keys.jsonl": "", "chat-hook": "https://chat.example.com/hook"}
    for path in [part.split('"')[0] for part in text.split("/run/secrets/")[1:]]:
        file = place / "run/secrets" / path
        assert file.parent.is_dir(), f"the Secret of /run/secrets/{path} is not mounted"
        if file.name in stand_ins:
            shutil.copy(keys / stand_ins[file.name], file)
        else:
            file.write_text(contents.get(file.name, "0123456789abcdef0123456789abcdef"))
        file.chmod(0o440)


def moved(text, place):
    for path in ("/run/secrets", "/etc/chancery", "/var/lib"):
        text = text.replace(path, str(place) + path)
    return text


def listening(server):
    """The first line of a server, which says where it listens."""
    timer = threading.Timer(PATIENCE, server.kill)
    timer.start()
    first = server.stderr.readline()
    timer.cancel()
    assert '"event":"listening"' in first, first + server.stderr.read()
    threading.Thread(target=server.stderr.read, daemon=True).start()
    return json.loads(first)


def fetched(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


def waited(holds, otherwise):
    for _ in range(PATIENCE * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(otherwise)


@contextlib.contextmanager
def running(command, environment):
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def binary(binaries, image):
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    program = binaries / name
    assert program.exists(), f"{program} is missing: build it with `cargo build --workspace --bins`"
    return str(program)


def audit_query(chart, values, binaries):
    """The Job's command line, over three records that three replicas wrote."""
    files = chart.render(values=yaml.safe_load(values.read_text()), name="chancery", namespace="tools")
    job = yaml.safe_load(next(text for name, text in files.items() if name.endswith("audit-query.yaml")))
    (container,) = job["spec"]["template"]["spec"]["containers"]
    program = binary(binaries, container["image"])
    with tempfile.TemporaryDirectory() as folder:
        for replica in range(3):
            environment = {"PATH": os.environ["PATH"], "CHANCERY_AUDIT__DIR": f"{folder}/claims/{replica}/audit",
                           "CHANCERY_SERVER__REPLICA": f"chancery-docs-{replica}"}
            subprocess.run([program, "call", "search_documents", '{"text": "checkout"}', "--sandbox"], env=environment,
                           check=True, capture_output=True, timeout=120)
        arguments = [argument.replace("/claims", f"{folder}/claims") for argument in container["args"]]
        found = subprocess.run([program, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout
    records = [json.loads(line) for line in found.splitlines()]
    assert {r["replica"] for r in records} == {f"chancery-docs-{i}" for i in range(3)}, found
