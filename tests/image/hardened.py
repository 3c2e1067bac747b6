"""One container, hardened: it serves whoever has a key, ends without losing a call, and goes on with its record."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from engine import USER, folder_of_the_user
from house import House, Vendor

PORT = 18080
IN_FLIGHT = [f"In flight {number}" for number in range(4)]


@contextmanager
def case(engine, image, folder, binary):
    with Vendor(binary) as vendor:
        yield Case(engine, House(engine, image, folder, vendor), folder_of_the_user(folder / "state"), vendor)


class Case:
    def __init__(self, engine, house, state, vendor):
        self.engine, self.house, self.state, self.vendor = engine, house, state, vendor
        self.client = house.client(PORT)
        self.start()

    def start(self):
        self.server = self.house.start("hardened", self.state, PORT)

    def stop(self):
        self.server.terminate()
        self.server.ended()


def runs_locked_up(case):
    state = case.server.inspect()
    status = open(f"/proc/{state['State']['Pid']}/status").read()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    assert fields["Uid"].split() == [str(USER)] * 4, fields["Uid"]
    assert int(fields["CapEff"], 16) == 0 and int(fields["CapBnd"], 16) == 0, status
    assert fields["NoNewPrivs"].strip() == "1", status
    assert state["HostConfig"]["ReadonlyRootfs"] and state["HostConfig"]["Memory"], state["HostConfig"]
    return f"{int(fields['VmRSS'].split()[0]) / 1000:.1f} MB resident"


def answers_its_own_probe(case):
    probe = case.server.health()
    assert probe.stdout == "ready\n", probe
    elsewhere = case.engine.do("exec", "hardened", "chancery-issues", "health", "--admin", "127.0.0.1:1", check=False)
    assert elsewhere.returncode == 1 and "no answer" in elsewhere.stderr, elsewhere


def serves_those_with_a_key(case):
    issues = case.client.call("search_issues", {"limit": 5})
    assert issues["items"] and issues["sources"][0]["status"] == "ok", issues
    stranger = case.house.client(PORT)
    stranger.token = "chancery_000000000000_0"
    try:
        stranger.call("search_issues", {"limit": 5})
    except AssertionError as refused:
        assert "401" in str(refused), refused
    else:
        raise AssertionError("a stranger was served")


def ends_with_calls_in_flight_and_loses_none(case):
    case.vendor.control("faults", {"match": {"path_prefix": "/"}, "fault": {"kind": "latency", "ms": 1000}})
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(case.client.call, "create_issue", new(title)) for title in IN_FLIGHT]
        reads = [pool.submit(case.client.call, "search_issues", {"text": title}) for title in IN_FLIGHT]
        until(lambda: sum(1 for entry in case.vendor.log() if entry.get("fault")) > len(IN_FLIGHT))
        assert not any(call.done() for call in writes + reads), "they are not in flight"
        case.stop()
        assert {call.result()["status"] for call in writes} == {"committed"}
        assert all(call.result()["sources"][0]["status"] == "ok" for call in reads)
    assert sorted(case.vendor.created()) == IN_FLIGHT, case.vendor.created()
    case.vendor.control("reset", {})
    return f"exit 0, {len(writes)} writes and {len(reads)} reads answered"


def goes_on_with_its_record(case):
    case.start()
    case.client.call("create_issue", new("After the restart"))
    case.stop()
    verified = case.house.run("audit", "verify", state=case.state)
    assert verified.returncode == 0 and "0 intents without outcome" in verified.stdout, verified
    found = case.house.run("audit", "query", "--tool", "create_issue", state=case.state).stdout
    records = [json.loads(line) for line in found.splitlines()]
    done = [record["args"]["title"] for record in records if record["phase"] == "outcome"]
    assert sorted(done) == ["After the restart", *IN_FLIGHT], done
    return verified.stdout.splitlines()[-2]


CHECKS = [
    runs_locked_up,
    answers_its_own_probe,
    serves_those_with_a_key,
    ends_with_calls_in_flight_and_loses_none,
    goes_on_with_its_record,
]


def new(title):
    return {"project": "OPS", "title": title, "type": "Task", "idempotency_key": title}


def until(holds):
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came about")
