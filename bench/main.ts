// How fast is the simulator? (What the model predicts is the report's business.)
import { parseArgs } from "node:util";
import { benchHeader, renderCase } from "./report.ts";
import { type CaseReport, runSuite } from "./run.ts";
import { brokenFloors, type Floor, readFloors } from "./suite/floors.ts";
import { SUITES } from "./suites.ts";

const USAGE = `usage: npm run bench -- [--suite NAME]... [--case PART] [--rounds N] [--smoke] [--json] [--gate]
suites: ${SUITES.map((suite) => suite.name).join(", ")}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      suite: { type: "string", multiple: true },
      case: { type: "string", default: "" },
      rounds: { type: "string", default: "21" },
      smoke: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      gate: { type: "boolean", default: false },
    },
  });
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
