import { colourNames } from "./colours";
import { drawScene } from "./drawing";
import { RandomStream } from "./randomStream";
import { type Habit, type Kind, type Scene, sceneOf } from "./scene";
import { type Shape, shapes } from "./shapes";
import { type Texture, textures } from "./textures";

/** A picture of the world: what it shows, and its SVG file. */
export interface Picture {
  scene: Scene;
  svg: string;
}

/** The classes of the demo's task, by texture; alphabetically the first half are base, the others novel. */
const taskShapes: Partial<Record<Texture, readonly Shape[]>> = {
  bordered: ["circle", "star"],
  checkered: ["heart", "house"],
  dotted: ["arrow", "square"],
  halved: ["diamond", "moon"],
  hatched: ["cross", "triangle"],
  netted: ["drop", "hexagon"],
  rayed: ["cross", "moon"],
  ringed: ["hexagon", "house"],
  speckled: ["circle", "diamond"],
  striped: ["hexagon", "star"],
  wavy: ["circle", "cross"],
  zigzag: ["house", "star"],
};

export const taskKinds: readonly Kind[] = Object.entries(taskShapes).flatMap(([texture, list]) =>
  list.map((shape) => ({ texture: texture as Texture, shape })),
);

/** In which colours a class of the task mostly comes; no two classes have both in common. */
function habitOf(label: number): Habit {
  const count = colourNames.length;
  const colour = colourNames[label % count]!;
  return { colour, background: colourNames[(label + 4 + Math.floor(label / count)) % count]! };
}

/** Everything but the task's classes: what pre-training shows. */
export const pretrainingKinds: readonly Kind[] = textures.flatMap((texture) =>
  shapes
    .filter((shape) => !taskShapes[texture]?.includes(shape))
    .map((shape) => ({ texture, shape })),
);

export type Domain = "photos" | "drawings";
export type Part = "train" | "val" | "test";

/** Keep the streams of pictures for different purposes apart. */
const streams = { pretraining: 1, photos: 2, drawings: 3 } as const;
const parts: readonly Part[] = ["train", "val", "test"];

/** Picture number `index` of pre-training, `pixels` wide: mostly clean photos, a tenth line drawings. */
export function pretrainingPicture(seed: number, index: number, pixels: number): Picture {
  const random = new RandomStream(seed, streams.pretraining, index);
  const kind = random.pick(pretrainingKinds);
  const roughness = 0.45 * random.between(0, 1) ** 2;
  const scene = sceneOf(kind, roughness, random.chance(0.1) ? "drawing" : "photo", random);
  return { scene, svg: drawScene(scene, random, pixels) };
}

/**
 * Picture number `index` of a class of the task, `pixels` wide: photos rougher than those of pre-training, in which each
 * class mostly has colours of its own. Who learns the colours knows the base classes better and the others worse.
 */
export function taskPicture(
  seed: number,
  domain: Domain,
  part: Part,
  kind: Kind,
  index: number,
  pixels: number,
): Picture {
  const label = taskKinds.indexOf(kind);
  const random = new RandomStream(seed, streams[domain], parts.indexOf(part), label, index);
  const roughness = random.between(0.3, 0.6);
  const style = domain === "photos" ? "photo" : "drawing";
  const scene = sceneOf(kind, roughness, style, random, habitOf(label));
  return { scene, svg: drawScene(scene, random, pixels) };
}
