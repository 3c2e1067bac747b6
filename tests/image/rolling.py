"""Two replicas over one PostgreSQL, restarted one after the other while agents read and write."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from engine import folder_of_the_user
from house import Database, House, Vendor

REPLICAS = {"replica-0": 18090, "replica-1": 18100}
READERS, WRITERS = 3, 3
#: Restarts of each replica.
ROUNDS = 2


@contextmanager
def case(engine, image, folder, binary):
    with Vendor(binary) as vendor, Database() as database:
        store = f"postgres://postgres@localhost/postgres?host={database.folder}"
        yield Case(House(engine, image, folder, vendor, store), vendor)
        engine.clear()


class Case:
    def __init__(self, house, vendor):
        self.house, self.vendor = house, vendor
        self.states = {name: folder_of_the_user(house.folder / name) for name in REPLICAS}
        self.servers = {name: self.start(name) for name in REPLICAS}

    def start(self, name):
        return self.house.start(name, self.states[name], REPLICAS[name])

    def stop(self, name):
        self.servers[name].terminate()
        self.servers[name].ended()

    def restart_one_after_the_other(self):
        for _ in range(ROUNDS):
            for name in REPLICAS:
                self.stop(name)
                self.servers[name] = self.start(name)


def a_rolling_restart_under_load_fails_no_read_and_does_each_write_once(case):
    client, over = case.house.client(*REPLICAS.values()), threading.Event()
    with ThreadPoolExecutor(READERS + WRITERS) as pool:
        readers = [pool.submit(read, client, over) for _ in range(READERS)]
        writers = [pool.submit(write, client, over, number) for number in range(WRITERS)]
        try:
            case.restart_one_after_the_other()
        finally:
            over.set()
        reads = sum(reader.result() for reader in readers)
        written = [title for writer in writers for title in writer.result()]
    created = case.vendor.created()
    assert sorted(created) == sorted(written), f"{len(written)} writes answered, {len(created)} done"
    assert reads > 20 and len(written) > 20, f"{reads} reads and {len(written)} writes are no load"
    return f"{2 * ROUNDS} restarts, {reads} reads, {len(written)} writes, {client.moved} connections moved on"


def the_records_of_both_verify(case):
    for name in REPLICAS:
        case.stop(name)
        verified = case.house.run("audit", "verify", state=case.states[name])
        assert verified.returncode == 0, verified.stdout + verified.stderr


CHECKS = [a_rolling_restart_under_load_fails_no_read_and_does_each_write_once, the_records_of_both_verify]


def read(client, over):
    done = 0
    while not over.is_set():
        page = client.call("search_issues", {"limit": 3})
        assert page["sources"][0]["status"] == "ok", page
        done += 1
    return done


def write(client, over, writer):
    """Titles of what was written. Each has a key of its own: asked again, the other replica answers from the store."""
    titles = []
    while not over.is_set():
        title = f"Load {writer}/{len(titles)}"
        new = {"project": "OPS", "title": title, "type": "Task", "idempotency_key": title}
        assert client.call("create_issue", new)["status"] in ("committed", "replayed")
        titles.append(title)
    return titles
