import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataSetReport } from "../../protocol/dataReport";

/** What a check found, and when (milliseconds since 1970). */
export interface RememberedCheck {
  time: number;
  report: Omit<DataSetReport, "classes">;
}

/** The last check of each data set, a file each; a file that cannot be read counts as none. */
export interface CheckMemory {
  /** The check as it was last loaded or kept. */
  of(report: Pick<DataSetReport, "dataset" | "folder">): RememberedCheck | null;
  /** Reads what is kept of these data sets. */
  load(reports: readonly Pick<DataSetReport, "dataset" | "folder">[]): Promise<void>;
  keep(report: DataSetReport): Promise<void>;
}

/** The checks that are kept in a folder. */
export function rememberedChecks(folder: string): CheckMemory {
  const known = new Map<string, RememberedCheck>();
  return {
    of: (report) => known.get(keyOf(report)) ?? null,
    async load(reports) {
      for (const report of reports) {
        const key = keyOf(report);
        if (known.has(key)) continue;
        const { readCheck } = await import("./checkFile");
        const check = await readCheck(join(folder, `${key}.json`));
        if (check) known.set(key, check);
      }
    },
    async keep({ classes, ...report }) {
      void classes;
      const key = keyOf(report);
      const check = { time: Date.now(), report };
      known.set(key, check);
      await mkdir(folder, { recursive: true });
      const file = join(folder, `${key}.json`);
      await writeFile(`${file}.tmp`, JSON.stringify(check));
      await rename(`${file}.tmp`, file);
    },
  };
}

function keyOf({ dataset, folder }: Pick<DataSetReport, "dataset" | "folder">): string {
  return createHash("sha256").update(`${dataset}\0${folder}`).digest("hex").slice(0, 32);
}
