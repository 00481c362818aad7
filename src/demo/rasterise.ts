import sharp from "sharp";

/** The pixels of an SVG file, [height, width, 3] bytes. */
export async function rasterise(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/** An SVG file as a PNG file. */
export async function pngOf(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}
