"""The Python SDK of the handshake era (`mcp` 1.x): `handshake.py URL BINARY`."""

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

import checks

PATIENCE = timedelta(seconds=30)


class Peer:
    def __init__(self, session):
        self.session = session

    async def tools(self):
        return plain(await self.session.list_tools())["tools"]

    async def call(self, tool, arguments):
        return plain(await self.session.call_tool(tool, arguments))

    async def prompts(self):
        return plain(await self.session.list_prompts())["prompts"]

    async def prompt(self, name, arguments):
        return plain(await self.session.get_prompt(name, arguments))

    async def read(self, uri):
        return plain(await self.session.read_resource(uri))


@asynccontextmanager
async def connected(transport):
    async with transport as streams, ClientSession(*streams[:2], read_timeout_seconds=PATIENCE) as session:
        await session.initialize()
        yield Peer(session)


def plain(answer):
    return answer.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(url, binary):
    stdio = StdioServerParameters(command=binary, args=["stdio", "--sandbox"])
    await checks.run("python-1 http", connected(streamable_http_client(url)))
    await checks.run("python-1 stdio", connected(stdio_client(stdio)))


asyncio.run(main(*sys.argv[1:]))
