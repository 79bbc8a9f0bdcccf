import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The kernels are built by `npm test` before vitest starts; `setup.ts` proves that they are there.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, ""),
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup.ts"],
    setupFiles: ["src/node/install.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // All processors: vitest leaves one free, which of two is half of them.
    maxWorkers: "100%",
  },
});
