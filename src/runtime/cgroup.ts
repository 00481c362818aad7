import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A folder in which the kernel shows a control group's limits. */
export interface Cgroup {
  version: 1 | 2;
  folder: string;
}

/**
 * The control groups around this process that may limit `controller`, innermost first. Inside a container the path
 * that the kernel names may lie outside what is mounted; then the mounted root is the container's own group.
 */
export function cgroupFolders(controller: "memory" | "cpu", root = "/"): Cgroup[] {
  let lines: string[];
  try {
    lines = readFileSync(join(root, "proc/self/cgroup"), "utf8").split("\n");
  } catch {
    return [];
  }
  return lines.flatMap((line): Cgroup[] => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === "") return chain(join(root, "sys/fs/cgroup"), path, 2);
    return controllers.split(",").includes(controller)
      ? chain(join(root, "sys/fs/cgroup", controller), path, 1)
      : [];
  });
}

function chain(mount: string, path: string, version: 1 | 2): Cgroup[] {
  const folders: Cgroup[] = [];
  for (let below = path; ; below = dirname(below)) {
    const folder = join(mount, below);
    if (existsSync(folder)) folders.push({ version, folder });
    if (dirname(below) === below || below === "") return folders;
  }
}
