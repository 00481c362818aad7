import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { explainRefusal } from "../../src/util/systemRefusal";
import { UserError } from "../../src/util/errors";
import { temporaryFolder } from "../support/temporaryFolder";

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

it("makes a sentence of what the system refuses, and leaves other errors alone", () => {
  const folder = temporaryFolder();
  const link = join(folder, "link");
  symlinkSync("link", link);
  const explained = explainRefusal(thrownBy(() => readFileSync(link)));
  expect(explained).toBeInstanceOf(UserError);
  expect((explained as Error).message).toMatch(
    /^\S+link: the system refuses it \(ELOOP: [^()']+\); it is a link that leads back to itself, so remove it$/,
  );
  const name = join(folder, "n".repeat(300));
  expect(explainRefusal(thrownBy(() => readFileSync(name)))).toBeInstanceOf(UserError);
  const missing = thrownBy(() => readFileSync(join(folder, "none")));
  expect(explainRefusal(missing)).toBe(missing);
  expect(explainRefusal("text")).toBe("text");
  const own = new UserError("said already");
  expect(explainRefusal(own)).toBe(own);
});
