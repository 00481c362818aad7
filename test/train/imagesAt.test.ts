import { relative, sep } from "node:path";
import { expect, test } from "vitest";
import { imagesAt } from "../../src/train/predict";
import { temporaryFolder } from "../support/temporaryFolder";

test("the images of a folder are with those that a phone wrote and nobody can decode here", () => {
  const names = ["b.jpg", "a.HEIC", "c.bmp", "notes.txt", "Thumbs.db", "d.xmp", "e.png"];
  const folder = temporaryFolder(Object.fromEntries(names.map((name) => [name, ""])));
  const found = imagesAt([folder]).map((path) => relative(folder, path).replaceAll(sep, "/"));
  expect(found).toEqual(["b.jpg", "e.png", "a.HEIC", "c.bmp"]);
});
