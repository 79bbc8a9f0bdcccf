import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The kernels are built by `npm test` before vitest starts; `setup.ts` proves that they are there.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, ""),
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup.ts"],
    setupFiles: ["src/node/install.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});
