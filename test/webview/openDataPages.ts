import type { Page } from "playwright-core";
import sharp from "sharp";
import { beforeAll } from "vitest";
import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import type { DataScenario } from "./dataScenarios";
import { usePages } from "./pages";
import { darkPlus } from "./themes";

/** Opens data pages on what the host sends, for the tests of the block that calls it. */
export function dataPages() {
  const pages = usePages<DataScenario>("data");
  let pictures: string[];
  beforeAll(async () => {
    const real = pages.server().pictures;
    pictures = real.length > 0 ? real : await drawnPictures();
  });
  type More = Partial<DataScenario>;
  const scenario = (messages: DataHostMessage[], more: More): DataScenario => ({
    theme: darkPlus,
    messages,
    pictures,
    ...more,
  });
  return {
    open: (messages: DataHostMessage[], more: More = {}) => pages.open(scenario(messages, more)),
    use: (
      messages: DataHostMessage[],
      look: (page: Page) => Promise<void>,
      more: More = {},
    ): Promise<void> => pages.use(scenario(messages, more), look),
  };
}

/** How many pictures have come. */
export function loadedPictures(page: Page): Promise<number> {
  return page.evaluate(
    `[...document.querySelectorAll(".tile img")].filter((image) => image.naturalWidth > 0).length`,
  );
}

/** What the page posted of one kind. */
export function posted<T extends DataPageMessage["type"]>(
  page: Page,
  type: T,
): Promise<Extract<DataPageMessage, { type: T }>[]> {
  return page.evaluate(`gladData.posted.filter(({ type }) => type === ${JSON.stringify(type)})`);
}

/** Sends the page what its host would. */
export function send(page: Page, message: DataHostMessage): Promise<void> {
  return page.evaluate(`gladData.send(${JSON.stringify(message)})`);
}

/** Pictures of several shapes and colours, where there are no real ones. */
async function drawnPictures(): Promise<string[]> {
  const made = Array.from({ length: 12 }, async (_, i) => {
    const [width, height] = [160 + 8 * i, 200 - 9 * i];
    const background = { r: 30 + 18 * i, g: 120, b: 220 - 16 * i };
    const circle = Buffer.from(
      `<svg><circle cx="60" cy="50" r="${20 + 2 * i}" fill="white"/></svg>`,
    );
    const image = sharp({ create: { width, height, channels: 3, background } });
    const jpeg = await image
      .composite([{ input: circle }])
      .jpeg()
      .toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  });
  return Promise.all(made);
}
