import { blend, colours, contrasting, hex, nearby, type Rgb } from "./colours";
import type { RandomStream } from "./randomStream";
import type { Scene } from "./scene";
import { shapePaths, shapes } from "./shapes";
import { type Marks, marksOf, short } from "./textures";

/** The picture as an SVG file, `pixels` wide and high: the same bytes for the same scene and stream. */
export function drawScene(scene: Scene, random: RandomStream, pixels: number): string {
  const marks = marksOf(scene.texture, scene.shape, random);
  const draw = scene.style === "photo" ? photo : lineDrawing;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pixels}" height="${pixels}" viewBox="-1 -1 2 2">` +
    `<defs><clipPath id="shape"><path d="${shapePaths[scene.shape]}"/></clipPath></defs>` +
    `${draw(scene, marks, random)}</svg>`
  );
}

/** Colours, and with the scene's roughness odd ones, clutter behind the thing, blur, shadow and noise. */
function photo(scene: Scene, marks: Marks, random: RandomStream): string {
  const { roughness } = scene;
  const oddness = 0.1 + 0.7 * roughness;
  const main = nearby(colours[scene.colour], oddness, random);
  const ground = apart(nearby(colours[scene.background], oddness, random), main);
  const second = contrasting(main, 0.75 - 0.3 * roughness);
  const thing = placed(
    scene,
    `<path d="${shapePaths[scene.shape]}" fill="${hex(main)}"/><g clip-path="url(#shape)">` +
      `<g fill="${hex(second)}">${marks.filled}</g>` +
      `<g fill="none" stroke="${hex(second)}" stroke-width="0.13">${marks.stroked}</g></g>`,
  );
  const behind = clutter(random, Math.round(9 * roughness * random.between(0.6, 1)));
  return (
    blurred(`${cover(`fill="${hex(ground)}"`)}${behind}${thing}`, 0.035 * roughness, random) +
    shadow(0.7 * roughness, random) +
    noise(0.55 * roughness, random)
  );
}

/** Pencil on grey paper: outlines, and filled parts of a texture in faint grey. */
function lineDrawing(scene: Scene, marks: Marks, random: RandomStream): string {
  const paper = hex(blend([205, 205, 205], [150, 150, 150], random.between(0, 1)));
  const pencil = hex(blend([25, 25, 25], [70, 70, 70], random.between(0, 1)));
  const thing = placed(
    scene,
    `<g fill="none" stroke="${pencil}" stroke-width="0.06"><g clip-path="url(#shape)">` +
      `<g fill="${pencil}" fill-opacity="0.3">${marks.filled}</g>${marks.stroked}</g>` +
      `<path d="${shapePaths[scene.shape]}" stroke-width="0.09"/></g>`,
  );
  return cover(`fill="${paper}"`) + thing;
}

function placed({ centre: [x, y], size, degrees }: Scene, content: string): string {
  return `<g transform="translate(${short(x)} ${short(y)}) rotate(${short(degrees)}) scale(${short(size)})">${content}</g>`;
}

/** The whole picture, painted. */
function cover(paint: string): string {
  return `<rect x="-1" y="-1" width="2" height="2" ${paint}/>`;
}

/** A background that could hide the thing is moved away from its colour. */
function apart(ground: Rgb, main: Rgb): Rgb {
  const distance = Math.hypot(...ground.map((x, i) => x - main[i]!));
  return distance > 90 ? ground : contrasting(ground, 0.55);
}

function clutter(random: RandomStream, count: number): string {
  return Array.from({ length: count }, () => {
    const colour = nearby([128, 128, 128], 1, random);
    const [x, y] = [random.between(-1, 1), random.between(-1, 1)];
    const turn = `rotate(${short(random.between(0, 360))}) scale(${short(random.between(0.08, 0.2))})`;
    const path = shapePaths[random.pick(shapes)];
    return `<path transform="translate(${short(x)} ${short(y)}) ${turn}" d="${path}" fill="${hex(colour)}"/>`;
  }).join("");
}

function blurred(content: string, most: number, random: RandomStream): string {
  const deviation = most * random.between(0.3, 1);
  if (deviation < 0.005) return content;
  return (
    `<filter id="blur" ${everywhere}><feGaussianBlur stdDeviation="${short(deviation)}"/></filter>` +
    `<g filter="url(#blur)">${content}</g>`
  );
}

/** Light from one side: black that fades across the picture. */
function shadow(most: number, random: RandomStream): string {
  const turn = short(random.between(0, 360));
  const strength = short(most * random.between(0.3, 1));
  return (
    `<linearGradient id="light" gradientTransform="rotate(${turn} 0.5 0.5)">` +
    `<stop offset="0" stop-opacity="${strength}"/><stop offset="0.8" stop-opacity="0"/>` +
    `</linearGradient>${cover('fill="url(#light)"')}`
  );
}

/** Coloured grain, finer than a pixel of the demo's pictures. */
function noise(most: number, random: RandomStream): string {
  const seed = random.below(1000);
  const opacity = most * random.between(0.5, 1);
  if (opacity < 0.02) return "";
  return (
    `<filter id="noise" ${everywhere}>` +
    `<feTurbulence type="fractalNoise" baseFrequency="23" numOctaves="1" seed="${seed}"/>` +
    `<feColorMatrix values="2 0 0 0 -0.5 0 2 0 0 -0.5 0 0 2 0 -0.5 0 0 0 0 1"/></filter>` +
    cover(`opacity="${short(opacity)}" filter="url(#noise)"`)
  );
}

const everywhere = 'x="-1" y="-1" width="2" height="2" filterUnits="userSpaceOnUse"';
