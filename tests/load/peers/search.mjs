// A minimal server on the TypeScript SDK: one tool that asks the vendor and answers six fields of each issue.
// `search.mjs stdio`, or `search.mjs serve`, which says where it listens as one line of JSON.

import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const search = `${process.env.JIRA_URL}/rest/api/3/search/jql`;
const ask = JSON.stringify({ jql: "project = BENCH ORDER BY updated DESC", maxResults: 10 });
const headers = { "content-type": "application/json" };

async function rows() {
  const reply = await fetch(search, { method: "POST", headers, body: ask });
  if (!reply.ok) throw new Error(`the vendor answers ${reply.status}`);
  const { issues } = await reply.json();
  return issues.map(({ key, fields }) => ({
    key,
    title: fields.summary,
    status: fields.status.name,
    priority: fields.priority?.name,
    assignee: fields.assignee?.displayName,
    updated: fields.updated,
  }));
}

function server() {
  const server = new McpServer({ name: "minimal", version: "1.0.0" });
  const inputSchema = { limit: z.number().int().min(1).max(100).optional() };
  server.registerTool("search_issues", { description: "Finds issues.", inputSchema }, async () => ({
    content: [{ type: "text", text: JSON.stringify({ rows: await rows() }) }],
  }));
  return server;
}

// Stateless: a server and a transport for each request, as the SDK wants it.
async function answer(request, response) {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await server().connect(transport);
  await transport.handleRequest(request, response);
}

if (process.argv[2] === "stdio") {
  await server().connect(new StdioServerTransport());
} else {
  const http = createServer(answer);
  http.listen(0, "127.0.0.1", () => {
    const mcp = `http://127.0.0.1:${http.address().port}/mcp`;
    console.log(JSON.stringify({ event: "listening", mcp }));
  });
}
