import { cacheSuite } from "./suite/cache.ts";
import { endToEndSuite } from "./suite/endToEnd.ts";
import { engineSuite } from "./suite/engine.ts";
import { importSuite } from "./suite/import.ts";
import { memmapSuite } from "./suite/memmap.ts";
import { migrationSuite } from "./suite/migration.ts";
import { simulatorsSuite } from "./suite/simulators.ts";
import { streamSuite } from "./suite/stream.ts";
import type { Suite } from "./suite.ts";

/** Every suite, in the order they run; add one line for a new one. */
export const SUITES: readonly Suite[] = [
  cacheSuite,
  importSuite,
  engineSuite,
  memmapSuite,
  migrationSuite,
  streamSuite,
  simulatorsSuite,
  endToEndSuite,
];
