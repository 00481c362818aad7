import type { CheckpointInfo, HostRun } from "./hostRun";

/** An item of the tree: a run, or one of its checkpoints. */
export interface RunNode {
  run: HostRun;
  checkpoint: CheckpointInfo | null;
  /** It was clicked: the tree keeps the keys. */
  clicked?: boolean;
  /** What it is called where its name would say too much; its name by default. */
  label?: string;
  /** Where it stands beside its own place: items of a tree differ in their ids. */
  place?: string;
}
