import { join, posix, win32 } from "node:path";
import { expect, test } from "vitest";
import { commonFolders, sheetOf } from "../../../src/host/data/pages/classifiedSheet";
import type { Predicted } from "../../../src/protocol/predicted";

const at = (...path: string[]): string => join("/photos", ...path);
const image = (path: string, ...top: [name: string, probability: number][]) => ({
  path,
  top: top.map(([name, probability]) => ({ name, probability })),
});

test("images stand in the order of the classes, the surest first, and the unreadable last", () => {
  const predicted: Predicted = {
    checkpoint: "/runs/owls/checkpoints/step-000500",
    device: "cpu (2 threads)",
    deviceReason: "",
    classes: ["barn owl", "tawny owl"],
    images: [
      image(at("a", "1.jpg"), ["tawny owl", 0.61], ["barn owl", 0.39]),
      image(at("2.jpg"), ["tawny owl", 0.99951], ["barn owl", 0.00049]),
      image(at("b", "c", "3.jpg"), ["barn owl", 0.7], ["tawny owl", 0.3]),
    ],
    unreadable: [{ path: at("broken.jpg"), problem: "it is empty" }],
  };
  expect(sheetOf(predicted, "Classified by owls")).toEqual({
    title: "Classified by owls",
    subtitle: "/runs/owls/checkpoints/step-000500 · cpu (2 threads)",
    groups: "classes",
    roots: ["/photos"],
    images: [
      {
        path: "b/c/3.jpg",
        root: 0,
        part: "barn owl",
        said: { short: "70.0%", full: "barn owl 70.0%, tawny owl 30.0%" },
      },
      {
        path: "2.jpg",
        root: 0,
        part: "tawny owl",
        said: { short: "100.0%", full: "tawny owl 100.0%, barn owl 0.0%" },
      },
      {
        path: "a/1.jpg",
        root: 0,
        part: "tawny owl",
        said: { short: "61.0%", full: "tawny owl 61.0%, barn owl 39.0%" },
      },
      { path: "broken.jpg", root: 0, part: "" },
    ],
  });
});

test("the folder that all files lie in is a whole folder's name", () => {
  const of = (...files: string[]): string[] => [...commonFolders(files, posix).values()];
  expect(of(at("ab", "1.jpg"), at("a", "2.jpg"))).toEqual(["/photos"]);
  expect(of(at("a", "1.jpg"), at("a", "b", "2.jpg"))).toEqual(["/photos/a"]);
  expect(of("/x/1.jpg", "/y/2.jpg")).toEqual(["/"]);
  expect(of(at("1.jpg"))).toEqual(["/photos"]);
});

test("on Windows each drive has a folder of its own", () => {
  const files = ["C:\\a\\1.jpg", "D:\\b\\c\\2.jpg", "C:\\a\\b\\3.jpg", "\\\\server\\share\\4.jpg"];
  const predicted: Predicted = {
    checkpoint: "",
    device: "cpu",
    deviceReason: "",
    classes: ["owl"],
    images: files.map((path) => image(path, ["owl", 1])),
    unreadable: [],
  };
  const { roots, images } = sheetOf(predicted, "", win32);
  expect(roots).toEqual(["C:\\a", "D:\\b\\c", "\\\\server\\share\\"]);
  expect(images.map(({ root, path }) => win32.join(roots[root]!, path))).toEqual(files);
});
