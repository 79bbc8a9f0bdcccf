// How fast is the simulator? (What the model predicts is the report's business.)
import "../src/node/install.ts";
import { parseArgs } from "node:util";
import { printProfiles } from "./profile.ts";
import { benchHeader, renderCase } from "./report.ts";
import { type CaseReport, runSuite } from "./run.ts";
import { brokenFloors, type Floor, readFloors } from "./suite/floors.ts";
import { SIMULATORS } from "./suite/simulators.ts";
import { SUITES } from "./suites.ts";

const USAGE = `usage: npm run bench -- [--suite NAME]... [--case PART] [--rounds N] [--smoke] [--json] [--gate]
       npm run bench -- --profile     where the time of altmap answer, an import and the page engine goes, by function
suites: ${SUITES.map((suite) => suite.name).join(", ")}

The suite "simulators" runs public cache simulators that you installed, where these variables name them:
  ${SIMULATORS.pycachesim}    a Python that can import cachesim (github.com/RRZE-HPC/pycachesim), such as python3
  ${SIMULATORS.dinero}        the program dineroIV (pages.cs.wisc.edu/~markhill/DineroIV)
  ${SIMULATORS.libCacheSim}   the program cachesim (github.com/1a1a11a/libCacheSim)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      suite: { type: "string", multiple: true },
      case: { type: "string", default: "" },
      rounds: { type: "string", default: "21" },
      smoke: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      gate: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.profile) return printProfiles();
  const rounds = values.smoke ? 1 : Number(values.rounds);
  // The gate runs only what has a floor.
  const floors = values.gate ? readFloors() : undefined;
  const hasFloor = (suite: string, name?: string): boolean =>
    floors === undefined || floors.some((each) => each.suite === suite && (name === undefined || each.case === name));
  const wanted = values.suite ?? SUITES.map((suite) => suite.name).filter((name) => hasFloor(name));
  const unknown = wanted.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown !== undefined || !(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError(USAGE);
  const header = benchHeader();
  const reports: CaseReport[] = [];
  if (!values.json)
    console.log(
      `node ${header.node}, V8 ${header.v8}, ${header.cpu}, ${header.commit}; processor time unless said, interleaved rounds`,
    );
  for (const suite of SUITES.filter((each) => wanted.includes(each.name))) {
    const skipped = suite.skipped?.();
    if (skipped !== undefined) {
      console.error(`\n${suite.name} was skipped: ${skipped}`);
      continue;
    }
    if (!values.json) console.log(`\n${suite.question}\n${suite.compares}\nNot shown: ${suite.doesNotShow}`);
    const isWanted = (name: string): boolean => name.includes(values.case) && hasFloor(suite.name, name);
    for (const report of await runSuite(suite, values.smoke, rounds, isWanted)) {
      reports.push(report);
      if (!values.json) console.log(renderCase(report));
    }
  }
  if (values.json) console.log(JSON.stringify({ schema: "altmap/bench-v1", header, cases: reports }, undefined, 1));
  if (floors)
    gate(
      floors.filter((floor) => wanted.includes(floor.suite)),
      reports,
    );
}

function gate(floors: readonly Floor[], reports: readonly CaseReport[]): void {
  const hasNative = reports.some((report) => report.rows.some((row) => row.name.startsWith("native")));
  const broken = brokenFloors(floors, reports, hasNative);
  for (const line of broken) console.error(`below its floor: ${line}`);
  if (broken.length > 0) process.exitCode = 1;
  else console.error(`${floors.length} floors hold`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
