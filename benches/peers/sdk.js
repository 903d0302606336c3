// The SDK of npm, @azure/arm-azurestack: sdk.js EMULATOR.JSON COUNT AT_ONCE, with the folder of its packages in NODE_PATH.

const { readFileSync } = require("node:fs");
const { AzureStackManagementClient } = require("@azure/arm-azurestack");
const { TokenCredentials } = require("@azure/ms-rest-js");

const [file, count, atOnce] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const there = JSON.parse(readFileSync(file, "utf8"));

// A customer subscription by number, as the other programs number them.
const customer = (number) => "c0000000-0000-4000-8000-" + number.toString(16).padStart(12, "0");

async function add() {
  const client = new AzureStackManagementClient(new TokenCredentials(there.token), there.subscriptionId, {
    baseUri: there.armEndpoint.replace(/\/$/, ""),
  });
  let next = 0;
  const addWhileThereAre = async () => {
    while (next < count) {
      await client.customerSubscriptions.create(there.resourceGroup, there.registrationName, customer(next++), {});
    }
  };
  await Promise.all(Array.from({ length: atOnce }, addWhileThereAre));
}

const [began, spent] = [process.hrtime.bigint(), process.cpuUsage()];
add().then(() => {
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(spent);
  const peak = process.resourceUsage().maxRSS;
  // A refused add rejects, and ends this.
  console.log(`adds=${count} failed=0 seconds=${seconds} cpu_seconds=${(user + system) / 1e6} peak_kib=${peak}`);
});
