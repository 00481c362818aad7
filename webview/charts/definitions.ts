import type { Axis, CurveName, Points, RunView } from "../../src/protocol/page";
import type { PageString } from "../../src/protocol/pageStrings";
import type { Model } from "../model";
import { splitName, t } from "../strings";
import { evaluationsOf } from "./evaluations";

/** A chart of the page: which curves it holds and how its values are written. */
export interface ChartDefinition {
  id: string;
  title: PageString;
  /** Columns of the steps; null for the accuracies, whose curves are the splits. */
  curves: readonly CurveName[] | null;
  /** Whether a logarithmic scale makes sense: all values are positive. */
  logarithmic: boolean;
  /** What no value can be beyond, so that no axis goes there. */
  limits?: readonly [least: number, most: number];
}

export const chartDefinitions: readonly ChartDefinition[] = [
  { id: "loss", title: "loss", curves: ["loss", "perturbedLoss"], logarithmic: true },
  {
    id: "norms",
    title: "norms",
    curves: ["gradientNorm", "samGradientNorm", "finalGradientNorm"],
    logarithmic: true,
  },
  {
    id: "accuracy",
    title: "accuracyChart",
    curves: null,
    logarithmic: false,
    limits: [0, 100],
  },
  { id: "sharpness", title: "sharpness", curves: ["sharpness"], logarithmic: false },
  {
    id: "cosine",
    title: "cosineChart",
    curves: ["cosine"],
    logarithmic: false,
    limits: [-1, 1],
  },
  { id: "learningRate", title: "learningRate", curves: ["learningRate"], logarithmic: true },
];

/** One line to be drawn. */
export interface Line {
  /** The column or the split. */
  curve: string;
  run: RunView;
  /** Place in the palette, and which dashes tell it from others of that colour. */
  colour: number;
  dash: number;
  /** What was measured: drawn faint where there is an average. */
  raw: Points;
  smooth: Points | null;
  /** Few points, of which each is marked. */
  marked: boolean;
  /** A level to compare with: CLIP without adapters. */
  level: number | null;
}

/** A curve of a chart that can be switched on and off. */
export interface CurveToggle {
  curve: string;
  name: string;
  /** In words, where the name is a symbol. */
  long: string | null;
  shown: boolean;
  /** How it is drawn; `colour` null where the colours are those of the runs. */
  colour: number | null;
  dash: number;
}

/** What runs are compared by: the first of these that was measured. */
const headlines = ["harmonic", "all"];

/** The curves that a chart has data for. */
export function togglesOf(
  definition: ChartDefinition,
  model: Model,
  toggled: readonly string[],
): CurveToggle[] {
  const compare = model.runs.length > 1;
  const curves = curvesOf(definition, model);
  const [usual] = definition.curves ? curves : headlines.filter((split) => curves.includes(split));
  const first = compare ? (usual ?? curves[0]) : curves[0];
  const dashes = [...new Set([first, ...curves])];
  return curves.map((curve, index) => ({
    curve,
    name: definition.curves ? t(curve as CurveName) : splitName(curve),
    long: longName(curve),
    // Of several runs only one curve is drawn, unless one asks for more.
    shown: (!compare || curve === first) !== toggled.includes(toggleKey(curve, compare)),
    colour: compare ? null : index,
    dash: dashes.indexOf(curve),
  }));
}

/** How a switched curve is remembered: comparing runs has its own switches. */
export function toggleKey(curve: string, compare: boolean): string {
  return compare ? `${curve}*` : curve;
}

function curvesOf({ curves }: ChartDefinition, model: Model): string[] {
  if (curves)
    return curves.filter((name) =>
      [...model.curves.values()].some((held) => held[name] !== undefined),
    );
  const splits = model.runs.flatMap((run) => evaluationsOf(run).map(({ split }) => split));
  return orderSplits([...new Set(splits)]);
}

/** Splits in the order in which they are read: base, novel, their mean, all, validation, then others by name. */
export function orderSplits(splits: string[]): string[] {
  const order = ["base", "novel", "harmonic", "all", "val"];
  const rank = (split: string): number =>
    (order.indexOf(split) + order.length + 1) % (order.length + 1);
  return splits.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function longName(curve: string): string | null {
  switch (curve) {
    case "gradientNorm":
      return t("gradientNormLong");
    case "samGradientNorm":
      return t("samGradientNormLong");
    case "finalGradientNorm":
      return t("finalGradientNormLong");
    default:
      return null;
  }
}

/** The lines of a chart's shown curves. */
export function linesOf(
  definition: ChartDefinition,
  model: Model,
  toggles: readonly CurveToggle[],
): Line[] {
  const shown = toggles.filter((toggle) => toggle.shown);
  return model.runs.flatMap((run) =>
    shown.flatMap(({ curve, colour, dash }): Line[] => {
      const look = { curve, run, colour: colour ?? run.colour, dash };
      if (!definition.curves) return accuracyLine(model.shown.axis, look);
      const held = model.curves.get(run.id)?.[curve as CurveName];
      return held ? [{ ...look, ...held, marked: false, level: null }] : [];
    }),
  );
}

function accuracyLine(axis: Axis, look: Pick<Line, "curve" | "run" | "colour" | "dash">): Line[] {
  const all = evaluationsOf(look.run).filter(({ split }) => split === look.curve);
  const adapted = all.filter(({ zeroShot }) => !zeroShot);
  const zeroShot = all.find((evaluation) => evaluation.zeroShot);
  if (all.length === 0) return [];
  return [
    {
      ...look,
      raw: {
        x: Float64Array.from(adapted, ({ step, seconds }) => (axis === "step" ? step : seconds)),
        y: Float32Array.from(adapted, ({ accuracy }) => accuracy),
      },
      smooth: null,
      marked: true,
      level: zeroShot?.accuracy ?? null,
    },
  ];
}
