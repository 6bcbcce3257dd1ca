// The weight of every page, and the time that the service takes for it, with 10,000 accounts.

import http from "node:http";

import { FOR_ADMINISTRATORS, FOR_GUESTS, FOR_PEOPLE, assertFound, everyPage } from "./pages.mjs";
import { URL_OF_SERVICE, assert, newAdministrator, scene } from "./stage.mjs";

/** A page with all that it loads weighs less than this, in octets. */
const WEIGHT = 50 * 1024;
/** Half of the answers come in less than this, in milliseconds, on a machine that does nothing else. */
const TIME = 30;
/** On a busy machine, they take at most this many times as long as `GET /readyz`, which is one statement. */
const RATIO = 12;
const REPETITIONS = 20;

scene("every page weighs less than 50 KiB in all", async (arrive) => {
  const weights = {};
  const weigh = async (context, path) => {
    // A page of its own, in the same session. The cache of the browser is off, so each page loads everything.
    const page = await context.newPage();
    const tools = await context.newCDPSession(page);
    await tools.send("Network.enable");
    await tools.send("Network.setCacheDisabled", { cacheDisabled: true });
    let weight = 0;
    tools.on("Network.dataReceived", ({ dataLength }) => { weight += dataLength; });
    await page.goto(path, { waitUntil: "networkidle" });
    await page.close();
    weights[path] = weight;
  };
  const guest = await arrive();
  for (const path of FOR_GUESTS) await weigh(guest.context, path);
  const person = await arrive();
  await person.signIn(await newAdministrator());
  const found = await everyPage(person, (path) => weigh(person.context, path));
  assertFound(found, [...FOR_PEOPLE, ...FOR_ADMINISTRATORS]);
  console.log(weights);
  const heavy = Object.entries(weights).filter(([, weight]) => weight === 0 || weight >= WEIGHT);
  assert.deepEqual(heavy, [], `expected less than ${WEIGHT} octets`);
});

scene("half of the answers come in 30 ms", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAdministrator());
  const paths = [];
  await everyPage(person, async (path) => { paths.push(path); });
  paths.push("/console/accounts?search=person", "/console/accounts?search=%40example.com");
  const cookie = (await person.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = {};
  for (const path of paths) {
    const [page, ready] = [[], []];
    for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
      // Side by side, so that a busy machine slows both.
      ready.push(await time(agent, "/readyz"));
      page.push(await time(agent, path, cookie));
    }
    times[path] = { page: median(page), limit: Math.max(TIME, RATIO * median(ready)) };
  }
  agent.destroy();
  console.log(times);
  const slow = Object.entries(times).filter(([, { page, limit }]) => page >= limit);
  assert.deepEqual(slow, [], "expected shorter times");
});

/** The milliseconds from a request to the end of its answer, which must be 200. */
function time(agent, path, cookie) {
  const { promise, resolve, reject } = deferred();
  const start = performance.now();
  const request = http.get(URL_OF_SERVICE + path, { agent, headers: cookie ? { cookie } : {} }, (answer) => {
    answer.resume();
    answer.on("end", () => {
      if (answer.statusCode === 200) resolve(performance.now() - start);
      else reject(new Error(`${path}: ${answer.statusCode}`));
    });
  });
  request.on("error", reject);
  return promise;
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
