import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** So many answers are kept. */
const most = 8;

/** Answers that took long to make, kept so that a page which comes back with its window need not ask again. */
export interface AnswerStore {
  keep(question: unknown, answer: string): Promise<void>;
  /** Null where it is not kept any more. */
  recall(question: unknown): Promise<string | null>;
}

/** Keeps the last answers in a folder, a file each. */
export function openAnswerStore(folder: string): AnswerStore {
  const fileOf = (question: unknown): string => {
    const hash = createHash("sha256").update(JSON.stringify(question)).digest("hex");
    return join(folder, `${hash.slice(0, 32)}.json`);
  };
  return {
    async keep(question, answer) {
      await mkdir(folder, { recursive: true });
      await writeFile(fileOf(question), answer);
      const files = (await readdir(folder)).map((name) => join(folder, name));
      const dated = await Promise.all(
        files.map(async (file) => ({ file, time: (await stat(file)).mtimeMs })),
      );
      const old = dated.sort((a, b) => b.time - a.time).slice(most);
      await Promise.all(old.map(({ file }) => rm(file, { force: true })));
    },
    recall: (question) => readFile(fileOf(question), "utf8").catch(() => null),
  };
}
