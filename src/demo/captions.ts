import { colourNames } from "./colours";
import type { RandomStream } from "./randomStream";
import type { Scene } from "./scene";
import { shapes } from "./shapes";
import { textures } from "./textures";

const openings = {
  photo: ["a photo of", "a picture of", "an image of", ""],
  drawing: ["a drawing of", "a sketch of", ""],
};

/** Everything that captions and prompts of the world are made of; each is one token. */
export const words: readonly string[] = [
  ...new Set([
    ...Object.values(openings).flatMap((all) => all.join(" ").split(" ").filter(Boolean)),
    ..."a an the on with background paper small large".split(" "),
    ...colourNames,
    ...textures,
    ...shapes,
  ]),
].sort();

/** The name of a class: its texture and its shape. */
export function className({ texture, shape }: Pick<Scene, "texture" | "shape">): string {
  return `${texture} ${shape}`;
}

/** One of the many captions of a scene, e.g. "a photo of a red striped star on a green background.", some far shorter. */
export function captionOf(scene: Scene, random: RandomStream): string {
  const { style, size, colour, texture, shape, background } = scene;
  const photo = style === "photo";
  const parts = [
    random.chance(0.3) && size < 0.6 ? "small" : random.chance(0.3) && size > 0.75 ? "large" : "",
    photo && random.chance(0.5) ? colour : "",
    random.chance(0.85) ? texture : "",
    shape,
  ].filter(Boolean);
  const thing = `${article(parts[0]!)} ${parts.join(" ")}`;
  const ground = !random.chance(0.35)
    ? ""
    : photo
      ? ` on ${article(background)} ${background} background`
      : " on grey paper";
  const opening = random.pick(openings[style]);
  return `${opening}${opening ? " " : ""}${thing}${ground}${random.chance(0.5) ? "." : ""}`;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}
