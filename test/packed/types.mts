// Compiled against the installed package by test/pack.sh: types reach the user, and say what they should.
import {
  type AnswerDocument,
  answer,
  decidePlacement,
  explain,
  findProfile,
  InputError,
  importProfiles,
  importTraceText,
  listRecordings,
  loadProfiles,
  parseScenario,
  type Scenario,
  simulate,
  writeTouchTrace,
} from "altmap";

const scenario: Scenario = parseScenario("devices: [{ id: cxl-samsung-mxp-genoa }]");
const document: AnswerDocument = await answer(scenario);
// null: the memmap does not fit in DRAM.
const onlineNs: number | null = document.results[0]!.online_ns;
const { outcome } = decidePlacement({
  kernel: "6.12",
  architecture: "x86_64",
  blockBytes: 2 * 1024 ** 3,
  mode: "Y",
  driver: "dax-kmem",
});
const why: string = explain(scenario).devices[0]!.plan.placement.reason;
const names: readonly string[] = listRecordings();
const device = findProfile("cxl-samsung-mxp-genoa", await loadProfiles());
const { devices } = importProfiles([{ where: "mlc.txt", text: "" }], { node: 1 });
const { report } = importTraceText("");
const { machine } = await simulate(scenario, { own: { devices, hosts: [] }, why: true });
const wrong = new InputError({ what: "a word", where: "here" }).problem.where;
const written: Promise<number> = writeTouchTrace("x.touch.gz", []);

// @ts-expect-error a scenario is no text
await answer("devices: []");
// @ts-expect-error no such driver
decidePlacement({ kernel: "6.12", architecture: "x86_64", blockBytes: 0, mode: "Y", driver: "magic" });

export { device, machine, names, onlineNs, outcome, report, why, written, wrong };
