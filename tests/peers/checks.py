"""What every client must find at `chancery-issues`, whatever SDK it speaks through.

A peer is an object with five coroutines that answer plain JSON: `tools()`, `call(tool, arguments)`, `prompts()`,
`prompt(name, arguments)` and `read(uri)`. Each check takes one and raises if it finds something else.
"""

import json
import sys
import uuid
from pathlib import Path

CONTRACT = Path(__file__).parents[2] / "servers/issues/contract"
UNKNOWN_TOOL = -32602


async def lists_the_contract(peer):
    tools = {tool["name"]: tool for tool in await peer.tools()}
    assert set(tools) == {file.stem for file in CONTRACT.glob("*.json")}, sorted(tools)
    for tool in tools.values():
        assert tool["inputSchema"]["additionalProperties"] is False, tool["name"]
        assert tool["outputSchema"]["type"] == "object", tool["name"]


async def searches_every_tracker(peer):
    page = content(await peer.call("search_issues", {"limit": 20}))
    assert page["items"], page
    assert {source["status"] for source in page["sources"]} == {"ok"}, page["sources"]
    assert len(page["sources"]) >= 2, page["sources"]


async def reads_one_issue_and_its_resource(peer):
    page = content(await peer.call("search_issues", {"limit": 1}))
    wanted = page["items"][0]["id"]
    answer = await peer.call("get_issue", {"issue": wanted})
    assert wanted in json.dumps(content(answer)), answer
    links = [block["uri"] for block in answer["content"] if block["type"] == "resource_link"]
    assert links, answer["content"]
    assert wanted in (await peer.read(links[0]))["contents"][0]["text"]


async def writes_once(peer):
    new = {"project": "OPS", "title": "A peer was here", "idempotency_key": str(uuid.uuid4())}
    first = content(await peer.call("create_issue", new))
    again = content(await peer.call("create_issue", new))
    assert first["status"] == "committed", first
    assert again["status"] == "replayed", again


async def tells_a_bad_argument_from_a_good_one(peer):
    answer = await peer.call("search_issues", {"limit": "many"})
    assert answer["isError"] is True, answer
    error = json.loads(answer["content"][0]["text"])
    assert error["code"] == "invalid_argument" and error["hint"], error


async def refuses_an_unknown_tool(peer):
    try:
        answer = await peer.call("no_such_tool", {})
    except Exception as refusal:  # each SDK has an exception of its own
        assert refusal.error.code == UNKNOWN_TOOL, refusal
    else:
        raise AssertionError(f"an unknown tool answered {answer}")


async def offers_prompts(peer):
    assert "triage_backlog" in {prompt["name"] for prompt in await peer.prompts()}
    answer = await peer.prompt("triage_backlog", {"project": "OPS"})
    assert "OPS" in json.dumps(answer["messages"]), answer


CHECKS = [
    lists_the_contract,
    searches_every_tracker,
    reads_one_issue_and_its_resource,
    writes_once,
    tells_a_bad_argument_from_a_good_one,
    refuses_an_unknown_tool,
    offers_prompts,
]


async def run(name, connect):
    """Runs all checks over one connection, one line each; `connect` is an async context manager of a peer."""
    try:
        async with connect as peer:
            for check in CHECKS:
                await attempt(name, check, peer)
    except Exception as error:
        report(False, name, f"connects: {error!r}")


async def attempt(name, check, peer):
    title = check.__name__.replace("_", " ")
    try:
        await check(peer)
        report(True, name, title)
    except Exception as error:
        report(False, name, f"{title}: {error!r}")


def report(ok, name, title):
    print("ok" if ok else "not ok", "-", name, title)
    sys.stdout.flush()


def content(answer):
    """The structured content of a good answer, which is also its text."""
    assert not answer.get("isError"), answer
    assert json.loads(answer["content"][0]["text"]) == answer["structuredContent"]
    return answer["structuredContent"]
