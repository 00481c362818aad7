import type { Experiment } from "../protocol/experiment";
import type { Fault, Mend } from "../protocol/fault";

/**
 * Settings that a protocol does not read, which would otherwise be passed over without a word, what it lacks, and what is there
 * twice; `told` are keys of which something was said already. `written` is what the file says.
 */
export function misplacedSettings(
  experiment: Experiment,
  written: object,
  told: ReadonlySet<unknown> = new Set(),
): Fault[] {
  const { protocol, datasets, source, targets, shots, seeds } = experiment;
  const trainsOnMany = protocol === "few-shot" || protocol === "base-to-novel";
  const found: Fault[] = [];
  const complain = (key: string, message: string, ...mends: Mend[]): void =>
    void found.push({ path: [key], message, mends });
  if (trainsOnMany)
    for (const [key, value] of Object.entries({ source, targets }))
      if (value !== null)
        complain(
          key,
          `${key} is for protocols that measure elsewhere than they train; ${protocol} takes "datasets"`,
          { kind: "leaveOut" },
        );
  if (!trainsOnMany && datasets !== null)
    complain("datasets", `${protocol} does not take datasets; give "source" and "targets"`, {
      kind: "leaveOut",
    });
  if (protocol === "own")
    found.push(...missingSets({ source, targets }, written, (key) => told.has(key)));
  if (protocol !== "few-shot" && shots !== null && shots.length > 1)
    complain(
      "shots",
      `${protocol} takes one number of shots, found ${shots.length}; keep one`,
      ...shots.map((each): Mend => ({ kind: "value", value: [each], isGuess: true })),
    );
  for (const [key, values] of [
    ["seeds", seeds],
    ["shots", shots ?? []],
  ] as const) {
    const twice = values.find((each, i) => values.indexOf(each) !== i);
    const once = [...new Set(values)];
    if (twice !== undefined)
      complain(key, `${key} lists ${twice} twice; take one of them out`, {
        kind: "value",
        value: once,
      });
  }
  return found.filter(({ path }) => !told.has(path[0]));
}

/** What the protocol own lacks, which has no default data sets: in one sentence where neither is written. */
function missingSets(
  sets: Pick<Experiment, "source" | "targets">,
  written: object,
  isTold: (key: string) => boolean,
): Fault[] {
  const proposed = { source: { root: "./images" }, targets: [{ root: "./others" }] };
  const keys = ["source", "targets"] as const;
  const missing = keys.filter((key) => sets[key] === null && !isTold(key));
  const because = "the protocol own has no default data sets";
  if (missing.length === keys.length && !missing.some((key) => Object.hasOwn(written, key)))
    return [
      {
        path: [],
        message: `source and targets are missing: ${because}; give both`,
        mends: [{ kind: "add", values: proposed }],
      },
    ];
  return missing.map((key) => ({
    path: [key],
    message: `${key} is missing: ${because}; give both "source" and "targets"`,
    mends: [{ kind: "value", value: proposed[key] }],
  }));
}
