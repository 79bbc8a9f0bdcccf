import { Document } from "yaml";
import type { Host } from "../state/host.ts";
import { hostFromRecording } from "../state/host.ts";
import { observe, predictAction, toldBy } from "../state/predict.ts";
import { type RecordedStep, type StateRecording, stepOf } from "../state/recording.ts";
import { dependsOnOutcome } from "../state/uncertainty.ts";

/**
 * Turns a recording into the script that does the same: the machine as it booted, the steps, and of what the kernel did
 * only what the model cannot know (a refusal in a block of unknown use, what others have allocated).
 *
 * @error InputError as `altmap conform`, for a recording that does not fit together
 */
export function scriptFromRecording(recording: StateRecording, file: string): string {
  const { kernel, system, initial } = recording;
  const host = hostFromRecording(recording, file);
  const steps = recording.steps.map((step) => scriptStepOf(host, step));
  const script = { schema: "altmap/script-v1", name: recording.name, recorded: { kernel, system, initial }, steps };
  const document = new Document(script);
  for (const [key, items] of [
    ["recorded", undefined],
    ["steps", recording.steps.length],
  ] as const) {
    const node = document.get(key, true) as { flow?: boolean; items?: { flow?: boolean }[] };
    if (items === undefined) node.flow = true;
    else for (const item of node.items ?? []) item.flow = true;
  }
  return document.toString({ lineWidth: 160 });
}

function scriptStepOf(host: Host, recorded: RecordedStep): object {
  const action = stepOf(recorded);
  const told = toldBy(host, action, recorded);
  const depends = dependsOnOutcome(host, action) !== undefined;
  predictAction(host, action, told);
  const free = Object.fromEntries(
    [...host.machine.zones.values()].flatMap((zone) => {
      const seen = recorded.after.zones[zone.key]?.free;
      return zone.freeLists === undefined || seen === undefined || seen === zone.freeLists.freePages
        ? []
        : [[zone.key, seen]];
    }),
  );
  observe(host, recorded.after);
  const { refusal, endless } = told;
  const meets = {
    ...(depends && refusal !== undefined && { errno: refusal.errno }),
    ...(depends && refusal?.block !== undefined && { block: refusal.block }),
    ...(depends && endless === true && { endless }),
    ...(action.op === "add" && action.addr.length === 0 && { error: recorded.error ?? "" }),
    ...(Object.keys(free).length > 0 && { free }),
  };
  return { ...actionOf(action, told.node), ...(Object.keys(meets).length > 0 && { meets }) };
}

/** The words of a script for a recorded step. */
function actionOf(step: ReturnType<typeof stepOf>, told: number | undefined): object {
  switch (step.op) {
    case "add": {
      const [start] = step.addr;
      const node = step.node ?? told;
      const where = { ...(start !== undefined && { start }), ...(node !== undefined && { node }) };
      return { plug: { dimm: step.dimm, size: step.size, ...where } };
    }
    case "remove":
      return { eject: step.dimm };
    case "state":
      return { write: { file: `memory${step.block}/state`, value: step.to } };
    case "dax_memmap_on_memory":
      return { write: { file: `${step.device ?? "dax0.0"}/memmap_on_memory`, value: step.value } };
    case "dax_bind_kmem": {
      const device = step.device ?? "dax0.0";
      return { bind: step.via === undefined ? device : { device, by: "kernel" } };
    }
    case "dax_unbind_kmem":
      return { unbind: step.device ?? "dax0.0" };
  }
}
