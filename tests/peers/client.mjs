// The TypeScript SDK (`@modelcontextprotocol/client` 2.x), speaking both eras: `client.mjs URL BINARY`.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [url, binary] = process.argv.slice(2);
const UNKNOWN_TOOL = -32602;

const checks = {
  async "lists tools with closed inputs"(client) {
    const { tools } = await client.listTools();
    assert.ok(tools.some((tool) => tool.name === "search_issues"));
    for (const tool of tools) {
      assert.equal(tool.inputSchema.additionalProperties, false, tool.name);
      assert.equal(tool.outputSchema.type, "object", tool.name);
    }
  },
  async "searches every tracker"(client) {
    const page = content(await client.callTool({ name: "search_issues", arguments: { limit: 20 } }));
    assert.ok(page.items.length > 0);
    assert.ok(page.sources.length >= 2 && page.sources.every((source) => source.status === "ok"));
  },
  async "reads one issue and its resource"(client) {
    const page = content(await client.callTool({ name: "search_issues", arguments: { limit: 1 } }));
    const issue = page.items[0].id;
    const answer = await client.callTool({ name: "get_issue", arguments: { issue } });
    const link = answer.content.find((block) => block.type === "resource_link");
    const resource = await client.readResource({ uri: link.uri });
    assert.ok(resource.contents[0].text.includes(issue));
  },
  async "writes once"(client) {
    const args = { project: "OPS", title: "A peer was here", idempotency_key: randomUUID() };
    const statuses = [];
    for (let time = 0; time < 2; time += 1) {
      statuses.push(content(await client.callTool({ name: "create_issue", arguments: args })).status);
    }
    assert.deepEqual(statuses, ["committed", "replayed"]);
  },
  async "tells a bad argument from a good one"(client) {
    const answer = await client.callTool({ name: "search_issues", arguments: { limit: "many" } });
    assert.equal(answer.isError, true);
    assert.equal(JSON.parse(answer.content[0].text).code, "invalid_argument");
  },
  async "refuses an unknown tool"(client) {
    await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), { code: UNKNOWN_TOOL });
  },
  async "offers prompts"(client) {
    const { messages } = await client.getPrompt({ name: "triage_backlog", arguments: { project: "OPS" } });
    assert.ok(JSON.stringify(messages).includes("OPS"));
  },
};

await run("typescript-2 http auto", new StreamableHTTPClientTransport(new URL(url)), "auto", "2026-07-28");
await run("typescript-2 http legacy", new StreamableHTTPClientTransport(new URL(url)), "legacy", "2025-11-25");
await run("typescript-2 stdio auto", stdio(), "auto", "2026-07-28");

function stdio() {
  return new StdioClientTransport({ command: binary, args: ["stdio", "--sandbox"], stderr: "ignore" });
}

async function run(name, transport, mode, revision) {
  const client = new Client({ name: "peers", version: "1.0.0" }, { versionNegotiation: { mode } });
  await attempt(name, "connects", async () => {
    await client.connect(transport);
    assert.equal(client.getNegotiatedProtocolVersion(), revision);
  });
  for (const [title, check] of Object.entries(checks)) {
    await attempt(name, title, () => check(client));
  }
  await client.close();
}

async function attempt(name, title, check) {
  try {
    await check();
    console.log(`ok - ${name} ${title}`);
  } catch (error) {
    console.log(`not ok - ${name} ${title}: ${error.message.split("\n")[0]}`);
  }
}

function content(answer) {
  assert.ok(!answer.isError, JSON.stringify(answer.content));
  assert.deepEqual(JSON.parse(answer.content[0].text), answer.structuredContent);
  return answer.structuredContent;
}
