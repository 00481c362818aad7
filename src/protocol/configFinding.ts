/** What mends a finding. */
export type ConfigFix =
  /** Settings get other values; keys are dotted names. */
  | { kind: "set"; values: Record<string, unknown> }
  /** Settings are left out; dotted names. */
  | { kind: "remove"; settings: string[] }
  /** A model of the hub is downloaded. */
  | { kind: "pull"; model: string }
  /** The data set is checked, which says more. */
  | { kind: "checkData"; root: string }
  /** `data.root` becomes a folder that holds images of a data set, which somebody has to choose. */
  | { kind: "chooseImages"; dataset: string };

/** Something that would stop a run of a configuration, or that it may fail by, as `glad config check --json` prints it. */
export interface ConfigFinding {
  /** The setting that it is about, by its dotted name; empty where it is about the whole. */
  setting: string;
  state: "failed" | "note";
  message: string;
  /** It is about runs that are there and hold no longer. */
  ofStaleRuns?: true;
  fixes: ConfigFix[];
}
