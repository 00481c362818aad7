import { type Colour, colourNames } from "./colours";
import type { RandomStream } from "./randomStream";
import type { Shape } from "./shapes";
import type { Texture } from "./textures";

/** What a picture shows: enough for its captions and, with its random stream, for its drawing. */
export interface Scene extends Kind {
  colour: Colour;
  background: Colour;
  /** Half the width of the picture is 1. */
  size: number;
  centre: readonly [x: number, y: number];
  degrees: number;
  /** 0 for a clean picture; towards 1 come odd colours, clutter, shadow, blur and noise. */
  roughness: number;
  style: "photo" | "drawing";
}

/** A kind of thing that the world holds; the task's classes are such kinds. */
export interface Kind {
  texture: Texture;
  shape: Shape;
}

/** The colours in which things of a kind mostly come, as flamingos are mostly pink. */
export type Habit = Pick<Scene, "colour" | "background">;

/** How many of the pictures follow a habit. */
const habitual = 0.75;

/** A scene with a thing of that kind; colours (but for a habit), size and place are random. */
export function sceneOf(
  kind: Kind,
  roughness: number,
  style: Scene["style"],
  random: RandomStream,
  habit: Habit | null = null,
): Scene {
  const follow = (name: keyof Habit, others: readonly Colour[]): Colour =>
    habit !== null && random.chance(habitual) ? habit[name] : random.pick(others);
  const colour = follow("colour", colourNames);
  const background = follow(
    "background",
    colourNames.filter((name) => name !== colour),
  );
  const size = random.between(0.5, 0.85);
  const room = 0.9 - 0.8 * size;
  const centre = [random.between(-room, room), random.between(-room, room)] as const;
  const degrees = random.between(-1, 1) * (12 + 18 * roughness);
  return { ...kind, colour, background, size, centre, degrees, roughness, style };
}
