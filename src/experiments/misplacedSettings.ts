import type { Experiment } from "../protocol/experiment";
import type { Fault, Mend } from "../protocol/fault";

/** Settings that a protocol does not read, which would otherwise be passed over without a word, and what is there twice. */
export function misplacedSettings(experiment: Experiment): Fault[] {
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
  if (protocol === "own" && source === null)
    complain("source", needed("source"), { kind: "value", value: { root: "./images" } });
  if (protocol === "own" && targets === null)
    complain("targets", needed("targets"), { kind: "value", value: [{ root: "./others" }] });
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
  return found;
}

function needed(key: string): string {
  return `${key} is missing: the protocol own has no default data sets; give both "source" and "targets"`;
}
