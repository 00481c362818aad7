import { expect, test } from "vitest";
import { foreignLibraries, packageVersion } from "../../src/runtime/nativeLibraries";
import { temporaryFolder } from "../support/temporaryFolder";

/** A package of onnxruntime with libraries for some platforms. */
function withLibraries(...platforms: string[]): string {
  const files = platforms.map((name) => [`bin/napi-v6/${name}/onnxruntime_binding.node`, ""]);
  return temporaryFolder(Object.fromEntries(files) as Record<string, string>);
}

test("the installed libraries are those of this platform", () => {
  expect(foreignLibraries()).toBeNull();
  expect(packageVersion("onnxruntime-node")).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the package of another platform is named, with the one to install", () => {
  const windows = withLibraries("win32/x64");
  expect(foreignLibraries(windows, "win32-x64")).toBeNull();
  expect(foreignLibraries(windows, "linux-x64")).toEqual({
    text: `this package of GLAD is for win32-x64, and Node.js ${process.execPath} is for linux-x64`,
    mend: "install GLAD's package for linux-x64, or let it be run by a Node.js for win32-x64 (glad.nodePath)",
  });
});

test("a platform that onnxruntime has no library for is told which ones there are", () => {
  const npm = withLibraries("darwin/arm64", "linux/x64");
  expect(foreignLibraries(npm, "darwin-x64")).toEqual({
    text: "onnxruntime has no library for darwin-x64, only for darwin-arm64, linux-x64",
    mend: "use GLAD on one of these",
  });
});
