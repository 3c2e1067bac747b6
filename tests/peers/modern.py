"""The Python SDK of the stateless era (`mcp` 2.x), speaking both eras: `modern.py URL BINARY`."""

import asyncio
import sys
from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters

import checks

PATIENCE = 30.0


class Peer:
    def __init__(self, client):
        self.client = client

    async def tools(self):
        return plain(await self.client.list_tools())["tools"]

    async def call(self, tool, arguments):
        return plain(await self.client.call_tool(tool, arguments))

    async def prompts(self):
        return plain(await self.client.list_prompts())["prompts"]

    async def prompt(self, name, arguments):
        return plain(await self.client.get_prompt(name, arguments))

    async def read(self, uri):
        return plain(await self.client.read_resource(uri))


@asynccontextmanager
async def connected(server, mode, expected):
    async with Client(server, mode=mode, read_timeout_seconds=PATIENCE) as client:
        assert client.protocol_version == expected, client.protocol_version
        yield Peer(client)


def plain(answer):
    return answer.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(url, binary):
    stdio = StdioServerParameters(command=binary, args=["stdio", "--sandbox"])
    await checks.run("python-2 http auto", connected(url, "auto", "2026-07-28"))
    await checks.run("python-2 http legacy", connected(url, "legacy", "2025-11-25"))
    await checks.run("python-2 stdio auto", connected(stdio, "auto", "2026-07-28"))


asyncio.run(main(*sys.argv[1:]))
