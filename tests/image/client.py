"""An MCP client of revision 2026-07-28: one connection a request. It does what a load balancer in front of several
replicas does: where one refuses the connection, or ends it without a byte of an answer, the next one is asked (as with
`retry-on conn-failure empty-response` of HAProxy). Nothing else is repeated.
"""

import http.client
import itertools
import json

PREFIX = "io.modelcontextprotocol"


class Client:
    def __init__(self, token, *ports):
        self.token, self.ports = token, list(ports)
        self.turns, self.moved = itertools.count(), 0

    def call(self, tool, arguments):
        """The structured content; raises on every error."""
        answer = self.request("tools/call", {"name": tool, "arguments": arguments})
        assert "error" not in answer, answer
        assert not answer["result"].get("isError"), answer["result"]["content"][0]["text"]
        return answer["result"]["structuredContent"]

    def request(self, method, params):
        meta = {
            f"{PREFIX}/protocolVersion": "2026-07-28",
            f"{PREFIX}/clientCapabilities": {},
            f"{PREFIX}/clientInfo": {"name": "image", "version": "1"},
        }
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        headers = {
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
            "authorization": f"Bearer {self.token}",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": method,
            "mcp-name": params.get("name", ""),
        }
        status, text = self.send(json.dumps(body), headers)
        assert status == 200, (status, text)
        return json.loads(text)

    def send(self, body, headers):
        first = next(self.turns)
        for turn in range(first, first + len(self.ports)):
            try:
                return post(self.ports[turn % len(self.ports)], body, headers)
            except Unanswered as error:
                refused = error
                self.moved += 1
        raise refused


class Unanswered(Exception):
    """Nobody took the connection, or nobody had before the listener closed."""


def post(port, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        try:
            connection.request("POST", "/mcp", body, headers)
            reply = connection.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            raise Unanswered(repr(error)) from error
        return reply.status, reply.read().decode()
    finally:
        connection.close()
