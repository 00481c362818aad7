/** How the pixels of a file must be fetched so that they become what Pillow makes of them. */
export type ImageKind =
  /** The decoder's own RGB is Pillow's. */
  | "plain"
  /** Four inks, or possibly so: converted here, without colour management. */
  | "cmyk"
  /** Grey of 16 bits without alpha: Pillow clips it to 8 bits. */
  | "grey16"
  /** A first frame with a transparent colour may be in it: Pillow shows the palette's entry there. */
  | "gif"
  /** The header does not say it soon enough; the decoder has to be asked. */
  | "tiff";

/** What a file is by its first bytes; undefined for what is no JPEG, PNG, WebP, GIF, TIFF or AVIF. */
export function imageKind(bytes: Buffer): ImageKind | undefined {
  const has = (text: string, at = 0) => bytes.toString("latin1", at, at + text.length) === text;
  if (has("\xff\xd8\xff")) return jpegComponents(bytes) === 4 ? "cmyk" : "plain";
  if (has("\x89PNG\r\n\x1a\n")) {
    // IHDR comes first: bit depth at byte 24, colour type (0 is grey) at byte 25.
    return bytes[24] === 16 && bytes[25] === 0 ? "grey16" : "plain";
  }
  if (has("RIFF") && has("WEBP", 8)) return "plain";
  if (has("GIF87a") || has("GIF89a")) return "gif";
  if (has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+")) return "tiff";
  if (has("ftypavif", 4) || has("ftypavis", 4)) return "plain";
  return undefined;
}

/** The number of colour components that a JPEG's frame header states; 0 where there is none. */
function jpegComponents(bytes: Buffer): number {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // Markers may be padded.
      continue;
    }
    // SOF0 to SOF15 without DHT (c4), JPG (c8) and DAC (cc).
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes[at + 9]!;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return 0;
}
