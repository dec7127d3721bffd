// Asks what `scenarios.json` asks with the official SDKs for JavaScript, and prints what they said, in
// the lines of `run.py`.
//
//     node run.mjs --base http://127.0.0.1:4010

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { toFile } from "openai";

const base = process.argv[process.argv.indexOf("--base") + 1];
const table = JSON.parse(readFileSync(new URL("scenarios.json", import.meta.url), "utf8"));
const clients = {
  openai: (options) => new OpenAI({ baseURL: `${base}/v1`, apiKey: "sk-test", ...options }),
  anthropic: (options) => new Anthropic({ baseURL: base, apiKey: "sk-test", ...options }),
};

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

async function ask(scenario) {
  // By these the calls are found in a gateway's ledger.
  const headers = { "x-centime-user": "node", "x-centime-session": scenario.name };
  if (scenario.fault) headers["x-sim-fault"] = scenario.fault;
  const options = { maxRetries: scenario.retries ?? 0, defaultHeaders: headers };
  if (scenario.timeout_s) options.timeout = scenario.timeout_s * 1000;
  const names = scenario.call.split(".").map(camel);
  const last = names.pop();
  const target = names.reduce((at, name) => at[name], clients[scenario.sdk](options));
  const body = {};
  for (const [name, value] of Object.entries(scenario.body)) {
    const isFile = value?.file !== undefined && value?.bytes !== undefined;
    body[name] = isFile ? await toFile(Buffer.alloc(value.bytes, "x"), value.file) : value;
  }
  return target[last](...(scenario.call === "models.list" ? [] : [body]));
}

// What the SDK adds for itself to what was sent.
const isAdded = (of, name) =>
  name.startsWith("_") || (name === "output_text" && of.object === "response");

// An SDK's object as JSON.
async function written(said) {
  if (said instanceof Response) {
    const content = Buffer.from(await said.arrayBuffer());
    return { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }
  if (typeof said?.getPaginatedItems === "function") {
    return { object: said.object, data: said.data };
  }
  const sent = function (name, value) {
    return isAdded(this, name) ? undefined : value;
  };
  return JSON.parse(JSON.stringify(said, sent));
}

function told(error) {
  const isOf = (name) => error instanceof OpenAI[name] || error instanceof Anthropic[name];
  if (isOf("APIConnectionTimeoutError")) return { kind: "timeout" };
  if (isOf("APIError") && error.status !== undefined) {
    return { kind: "status", class: error.constructor.name, status: error.status, body: error.error };
  }
  return { kind: "cut" };
}

async function run(scenario) {
  let said;
  try {
    const answer = await ask(scenario);
    if (!scenario.body.stream) return { said: await written(answer) };
    said = [];
    for await (const event of answer) said.push(await written(event));
    return { said };
  } catch (error) {
    return said === undefined ? { error: told(error) } : { said, error: told(error) };
  }
}

for (const scenario of table) {
  if (!(scenario.sdk in clients)) continue;
  console.log(JSON.stringify({ name: scenario.name, ...(await run(scenario)) }));
}
