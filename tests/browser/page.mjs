// The approval page as people meet it: `page.mjs BINARY CHROMIUM SHOTS`. Pictures of what it saw are left in SHOTS.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

const [binary, executablePath, shots] = process.argv.slice(2);
const EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)"> We are on it.';
const home = mkdtempSync(join(tmpdir(), "chancery-browser-"));
mkdirSync(shots, { recursive: true });

const server = await startServer();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const checks = {
  async "is worked by keyboard alone, and runs nothing a vendor wrote"() {
    const { id, call } = await request(EVIL);
    const { page, alarms } = await open({ viewport: { width: 1280, height: 900 } });
    await page.goto(link(id, "carol"));
    await page.screenshot({ path: join(shots, "landing.png") });
    await reach(page, "Continue as carol");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/requests/${id}`);
    await page.screenshot({ path: join(shots, "request-desktop.png"), fullPage: true });
    assert.match(await page.locator("main").innerText(), /<script>alert\(1\)<\/script>/);
    assert.equal(await page.locator("main script, main img").count(), 0);

    await reach(page, "textarea");
    await page.keyboard.type("as agreed");
    await reach(page, "Approve");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    assert.match(await page.getByRole("status").innerText(), /Approved by carol.*as agreed/);
    await page.screenshot({ path: join(shots, "decided.png"), fullPage: true });
    assert.equal(await page.locator("form").count(), 0, "there is nothing more to decide");
    assert.equal((await callTool("comment_on_issue", call)).status, "committed");
    assert.deepEqual(alarms, []);
  },
  async "fits a phone, light and dark"() {
    const { id } = await request("Please pay the invoice of October, and the one of November that the supplier sent twice.");
    for (const colorScheme of ["light", "dark"]) {
      const { page, alarms } = await open({ viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
      await page.goto(link(id, "dora"));
      await page.getByRole("button").tap();
      await page.waitForURL(`**/requests/${id}`);
      const [width, wanted] = await page.evaluate(() => {
        const root = document.documentElement;
        return [root.clientWidth, root.scrollWidth];
      });
      assert.ok(wanted <= width, `${wanted} pixels on ${width}`);
      for (const button of await page.getByRole("button").all()) {
        assert.ok((await button.boundingBox()).height >= 44, "a button is large enough for a thumb");
      }
      for (const where of ["dt", "dd", "del, ins", "a", "button", "button.deny", ".note", "header p"]) {
        const ratio = await contrast(page, where);
        assert.ok(ratio === undefined || ratio >= 4.5, `${where} in ${colorScheme}: contrast ${ratio}`);
      }
      await page.screenshot({ path: join(shots, `phone-${colorScheme}.png`), fullPage: true });
      assert.deepEqual(alarms, []);
    }
  },
  async "refuses a link that was used, and the requester"() {
    const { id } = await request("Once.");
    const { page } = await open({});
    const once = link(id, "erin");
    await page.goto(once);
    await page.getByRole("button").click();
    await page.waitForURL(`**/requests/${id}`);
    await page.goto(once);
    await page.getByRole("button").click();
    assert.match(await page.getByRole("alert").innerText(), /was used, has expired or was altered/);
    await page.screenshot({ path: join(shots, "used.png") });
    assert.throws(() => link(id, "local"), /what they asked for themselves/);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok - the page ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - the page ${name}: ${error.stack}`);
  }
}
await browser.close();
server.process.kill();
console.log(`browser: ${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Moves the focus with the Tab key to a control, by its words or its tag; wherever it rests it must be seen. */
async function reach(page, wanted) {
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const at = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      return { tag: at.localName, text: at.innerText, seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
    });
    assert.ok(focused.seen, `the focus on ${focused.tag} is not to be seen`);
    if (focused.text === wanted || focused.tag === wanted) return;
  }
  assert.fail(`${wanted} cannot be reached by keyboard`);
}

/** The contrast of the first such element's text with what is behind it (WCAG 2.2, 1.4.3). */
async function contrast(page, selector) {
  return page.evaluate((selector) => {
    const element = document.querySelector(selector);
    if (!element) return undefined;
    const parts = (color) => color.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    let behind = element;
    const opaque = (at) => (parts(getComputedStyle(at).backgroundColor)[3] ?? 1) > 0;
    while (!opaque(behind)) behind = behind.parentElement;
    const [text, ground] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map((c) => light(parts(c)));
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  }, selector);
}

/** A fresh browser with an eye on everything that must not happen. */
async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  const alarms = [];
  page.on("dialog", (dialog) => (alarms.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  page.on("console", (message) => message.type() === "error" && alarms.push(message.text()));
  page.on("request", (asked) => asked.url().startsWith(server.page) || asked.url().startsWith("data:") || alarms.push(asked.url()));
  return { page, alarms };
}

/** Asks for a public comment; the request's id, and the call that commits it. */
async function request(text) {
  const found = await callTool("search_issues", { project: "PAY", limit: 1 });
  const call = { issue: found.items[0].id, text, visibility: "public" };
  const shown = await callTool("comment_on_issue", call);
  assert.equal(shown.status, "pending_approval", JSON.stringify(shown));
  const waiting = run("approvals", "list", "--json").trim().split("\n").map((line) => JSON.parse(line));
  return { id: waiting.find((one) => one.arguments.text === text).id, call: { ...call, plan: shown.plan } };
}

function link(id, approver) {
  return run("approvals", "link", id, "--approver", approver).trim();
}

function run(...line) {
  return execFileSync(binary, [...line, "--config", join(home, "config.toml")], { encoding: "utf8", stdio: "pipe" });
}

async function callTool(name, args) {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "browser", version: "1" },
  };
  const reply = await fetch(server.mcp, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": name,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args, _meta: meta } }),
  });
  const { result } = await reply.json();
  return JSON.parse(result.content[0].text);
}

async function startServer() {
  const port = await freePort();
  const page = `http://127.0.0.1:${port}`;
  writeFileSync(join(home, "seal"), "a key of this test");
  writeFileSync(
    join(home, "config.toml"),
    `[consent]\nin_sandbox = true\n[store]\nurl = "${join(home, "store.db")}"\n[audit]\ndir = "${join(home, "audit")}"\n` +
      `[seal]\nkeys = ["file:${join(home, "seal")}"]\n[approvals]\nlisten = "127.0.0.1:${port}"\n`,
  );
  const line = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const child = spawn(binary, [...line, "--config", join(home, "config.toml")], { stdio: ["ignore", "ignore", "pipe"] });
  process.on("exit", () => child.kill());
  const says = createInterface({ input: child.stderr });
  const first = await new Promise((resolve, reject) => {
    says.once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the server left with ${code}`)));
  });
  const { mcp, approvals } = JSON.parse(first);
  assert.equal(approvals, page);
  return { process: child, mcp, page };
}

async function freePort() {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address();
  await new Promise((resolve) => taken.close(resolve));
  return port;
}
