import { InputError } from "../../errors.ts";
import type { Operation, SimpleOperation } from "../../recording/operationsSchema.ts";
import type { RecordingSummary } from "../../recording/recordingSummary.ts";
import { BLOCK_PAGES } from "../coremm/hotLayout.ts";

/** The last block whose pfns are 32 bits wide, as those of touch records are. */
const LAST_BLOCK = 2 ** 17 - 1;

/**
 * Checks that a recording's operations and its hot-added range agree.
 *
 * @error InputError: hot-added memory begins inside a block; an operation names a block that is not hot-added, one that
 *   is to be onlined and is online, or one that is to be offlined and is not
 */
export function checkBlocks(operations: readonly Operation[], summary: RecordingSummary, where: string): void {
  const { pfnFrom } = summary.hotAdded;
  if (pfnFrom % BLOCK_PAGES !== 0)
    throw new InputError({
      where: `${where}: hot_added.pfn_from`,
      what: `${pfnFrom} is not where a memory block begins`,
      expected: `a multiple of ${BLOCK_PAGES} (128 MiB)`,
      example: "1048576",
    });
  const first = pfnFrom / BLOCK_PAGES;
  const online = new Set(summary.hotBlocksBefore.filter(({ state }) => state === "online").map(({ block }) => block));
  for (const operation of withoutRepeats(operations)) {
    for (const block of blocksOf(operation)) {
      const isOffline = operation.op.startsWith("offline");
      if (block < first || block > LAST_BLOCK)
        fail(where, `${operation.op} of block ${block}`, `a hot-added block, ${first} to ${LAST_BLOCK}`);
      // In a longer list an earlier operation may have changed what the summary says.
      if (operations.length === 1 && operation.op !== "add" && online.has(block) !== isOffline)
        fail(
          where,
          `${operation.op} of block ${block}, which is ${isOffline ? "not " : ""}online before`,
          `a block that hot_blocks_before has as ${isOffline ? "online" : "offline"}`,
        );
      if (operation.op === "add" && online.has(block))
        fail(where, `add of block ${block}, which is online before`, "a block that hot_blocks_before does not have");
    }
  }
}

const withoutRepeats = (operations: readonly Operation[]): SimpleOperation[] =>
  operations.flatMap((operation) => (operation.op === "repeat" ? withoutRepeats(operation.of) : [operation]));

function blocksOf(operation: SimpleOperation): readonly number[] {
  if (operation.op === "add") return operation.blocks;
  return "block" in operation ? [operation.block] : [];
}

function fail(where: string, what: string, expected: string): never {
  throw new InputError({ where: `${where}: operations`, what, expected });
}
