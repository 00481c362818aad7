import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These run inside the editor, under mocha: npm run test:vscode.
    exclude: ["test/vscode/suite/**"],
    // The second is for whoever adds up (.ci/run).
    reporters: ["default", ["json", { outputFile: ".tools/results/vitest.json" }]],
    globalSetup: ["test/support/build.ts"],
    // The engine is a native library with its own threads: one process per file; while one waits for what it started, the others compute.
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
