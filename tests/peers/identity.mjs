// A certified OpenID provider (`oidc-provider`) as the issuer of `chancery-issues`: `identity.mjs BINARY`. What its
// tokens say is bent here before it signs them, so that bad tokens have good signatures.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import Provider from "oidc-provider";

const RESOURCE = "https://issues.example/mcp";
const OURS = "chancery-issues";
const SECRET = randomUUID();
const READ = "issues:read";

/** What the next token is: its format and algorithm, and how its head and claims are bent. */
const next = { format: "jwt", alg: "RS256", bend: () => {} };
const keys = [rsa("rs-1"), ec("es-1")];
const introspections = { count: 0 };

const issuer = await startIssuer();
const server = await startServer();
const checks = {
  async "takes RS256 and ES256"() {
    for (const alg of ["RS256", "ES256"]) assert.equal((await call(await token({ alg }))).status, 200, alg);
  },
  async "asks for a token and says where to get one"() {
    const { status, challenge } = await call(undefined);
    assert.equal(status, 401);
    assert.match(challenge, /^Bearer scope="issues:read", resource_metadata="https:\/\/issues\.example\/\.well-known\//);
    for (const path of ["", "/mcp"]) {
      const metadata = JSON.parse((await send("GET", `/.well-known/oauth-protected-resource${path}`)).body);
      assert.deepEqual(metadata.authorization_servers, [issuer.url]);
      assert.equal(metadata.resource, RESOURCE);
    }
  },
  async "refuses what the issuer signed for others or for nobody"() {
    const now = Math.floor(Date.now() / 1000);
    const bad = {
      "another domain server": (jwt) => (jwt.payload.aud = "https://crm.example/mcp"),
      "another issuer": (jwt) => (jwt.payload.iss = "https://evil.example"),
      expired: (jwt) => Object.assign(jwt.payload, { iat: now - 900, exp: now - 60 }),
      "not yet valid": (jwt) => (jwt.payload.nbf = now + 120),
      "no expiry": (jwt) => delete jwt.payload.exp,
      "no subject": (jwt) => delete jwt.payload.sub,
      "no client": (jwt) => delete jwt.payload.client_id,
      "no id": (jwt) => delete jwt.payload.jti,
    };
    for (const [name, bend] of Object.entries(bad)) {
      const { status, challenge } = await call(await token({ bend }));
      assert.equal(status, 401, name);
      assert.match(challenge, /error="invalid_token"/, name);
    }
  },
  async "refuses what was done to a good token on the way"() {
    const good = await token({});
    const [head, payload, signature] = good.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url"));
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const changed = {
      "other claims": [head, encode({ ...claims, scope: "issues:admin" }), signature],
      "no signature": [head, payload, ""],
      "alg none": [encode({ alg: "none", typ: "at+jwt" }), payload, ""],
      "another algorithm": [encode({ alg: "ES256", typ: "at+jwt", kid: "rs-1" }), payload, signature],
    };
    for (const [name, parts] of Object.entries(changed)) {
      assert.equal((await call(parts.join("."))).status, 401, name);
    }
    assert.equal((await call(`${head}.${"x".repeat(16 << 10)}.${signature}`)).status, 400, "16 kB");
    assert.equal((await call(undefined, `/mcp?access_token=${good}`)).status, 400, "in the query string");
    assert.equal((await call(good)).status, 200);
  },
  async "asks for the scope that is missing"() {
    const { status, challenge } = await call(await token({ scope: "itsm:read" }));
    assert.equal(status, 403);
    assert.match(challenge, /error="insufficient_scope".*scope="issues:read", resource_metadata=/);
    assert.equal((await call(await token({ scope: "issues:write" }))).status, 200, "writing includes reading");
  },
  async "asks the issuer about an opaque token once"() {
    const opaque = await token({ format: "opaque" });
    introspections.count = 0;
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(opaque)));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(introspections.count, 1);
    const revoked = await token({ format: "opaque" });
    await post("/token/revocation", { token: revoked });
    assert.equal((await call(revoked)).status, 401);
  },
  async "turns nobody away while keys are rotated under load"() {
    const before = await Promise.all(Array.from({ length: 100 }, () => token({ alg: "ES256" })));
    keys.unshift(ec("es-2"));
    issuer.renew();
    const after = await Promise.all(Array.from({ length: 100 }, () => token({ alg: "ES256" })));
    const kid = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url")).kid;
    assert.deepEqual([kid(before[0]), kid(after[0])], ["es-1", "es-2"]);
    const mixed = before.flatMap((old, at) => [old, after[at]]);
    const answers = await Promise.all(mixed.map((jwt) => call(jwt)));
    assert.ok(answers.every(({ status }) => status === 200));
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok - oidc-provider: ${name}`);
  } catch (error) {
    console.log(`not ok - oidc-provider: ${name}: ${error.message.replaceAll("\n", " ")}`);
  }
}
server.process.kill();
issuer.listener.close();
issuer.listener.closeAllConnections();

/** The provider; `renew` makes it sign and publish by the keys as they are now. */
async function startIssuer() {
  let handle;
  const listener = createServer((asked, answer) => {
    if (asked.url === "/token/introspection") introspections.count += 1;
    handle(asked, answer);
  });
  await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${listener.address().port}`;
  const renew = () => (handle = provider(url).callback());
  renew();
  return { url, listener, renew };
}

function provider(url) {
  const client = (client_id, grant_types) => ({
    client_id, client_secret: SECRET, grant_types, redirect_uris: [], response_types: [],
  });
  return new Provider(url, {
    clients: [client("agent", ["client_credentials"]), client(OURS, [])],
    jwks: { keys },
    scopes: [READ, "issues:write", "itsm:read"],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_, asker) => asker.clientId === OURS },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: `${READ} issues:write itsm:read`,
          audience: RESOURCE,
          accessTokenTTL: 600,
          accessTokenFormat: next.format,
          jwt: { sign: { alg: next.alg } },
        }),
      },
    },
    formats: { customizers: { jwt: (_, __, jwt) => void next.bend(jwt) } },
  });
}

async function startServer() {
  const config = join(mkdtempSync(join(tmpdir(), "chancery-")), "config.toml");
  writeFileSync(config, `
    [identity]
    resource = "${RESOURCE}"
    [issuer.peer]
    issuer = "${issuer.url}"
    [issuer.peer.introspection]
    client_id = "${OURS}"
    client_secret = "env:PEER_SECRET"`);
  const line = ["serve", "--sandbox", "--config", config, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const environment = { ...process.env, PEER_SECRET: SECRET };
  const child = spawn(process.argv[2], line, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: child.stderr });
  const [first] = await new Promise((said) => lines.once("line", (text) => said([text])));
  return { process: child, url: new URL(JSON.parse(first).mcp) };
}

/** An access token that the provider grants to the client `agent`. */
async function token({ format = "jwt", alg = "RS256", scope = READ, bend = () => {} }) {
  Object.assign(next, { format, alg, bend });
  const { body } = await post("/token", { grant_type: "client_credentials", resource: RESOURCE, scope });
  const granted = JSON.parse(body).access_token;
  assert.ok(granted, body);
  return granted;
}

function post(path, fields) {
  const headers = {
    authorization: `Basic ${Buffer.from(`agent:${SECRET}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return exchange(new URL(path, issuer.url), "POST", headers, new URLSearchParams(fields).toString());
}

/** A read of the server, with this token. */
function call(bearer, path = "/mcp") {
  const params = { name: "search_issues", arguments: { limit: 1 } };
  const headers = {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2025-11-25",
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
  return send("POST", path, headers, JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
}

function send(method, path, headers = {}, body = "") {
  return exchange(new URL(path, server.url), method, headers, body);
}

function exchange(url, method, headers, body) {
  return new Promise((done, failed) => {
    const asked = request(url, { method, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const challenge = answer.headers["www-authenticate"] ?? "";
      done({ status: answer.statusCode, challenge, body: Buffer.concat(chunks).toString() });
    });
    asked.on("error", failed).end(body);
  });
}

function rsa(kid) {
  return published(generateKeyPairSync("rsa", { modulusLength: 2048 }), kid, "RS256");
}

function ec(kid) {
  return published(generateKeyPairSync("ec", { namedCurve: "P-256" }), kid, "ES256");
}

function published(pair, kid, alg) {
  return { ...pair.privateKey.export({ format: "jwk" }), kid, alg, use: "sig" };
}
