import { join } from "node:path";
import * as vscode from "vscode";
import type { DataSource, SheetThumbnail } from "../../../protocol/dataPage";
import type { ClassImages } from "../../../protocol/dataReport";
import type { DataPage, PageHost } from "./openDataPanels";
import type { Sheet } from "./sheet";
import { type PreviewReader, sourceArgument } from "./previews";
import { askForThumbnails, type ThumbnailAsker } from "./thumbnailer";

type SheetSource = Extract<DataSource, { page: "class" | "sampled" }>;

/** Answers are gathered for so long (milliseconds) before the page is told. */
const gathering = 40;

/** The contact sheet of a class. */
export function openClassPage(
  host: PageHost,
  source: SheetSource,
  previews: PreviewReader,
): DataPage {
  return openSheetPage(host, source, source.name, () => readSheet(host, source, previews));
}

/** A contact sheet: its images at once, their thumbnails as they come into view. `read` is asked whenever it is shown. */
export function openSheetPage(
  host: PageHost,
  source: DataSource,
  title: string,
  read: () => Promise<Sheet>,
): DataPage {
  let sheet: Sheet | null = null;
  /** What the page may ask for: its own images and no other file. */
  let own = new Set<string>();
  let askers: ThumbnailAsker[] = [];
  let answers: SheetThumbnail[] = [];
  let timer: NodeJS.Timeout | null = null;

  const tell = (): void => {
    timer = null;
    host.post({ type: "thumbnails", thumbnails: answers });
    answers = [];
  };
  const answer = (thumbnail: SheetThumbnail): void => {
    answers.push(thumbnail);
    timer ??= setTimeout(tell, gathering);
  };
  const open = (found: Sheet): void => {
    sheet = found;
    own = new Set(found.images.map(keyOf));
    askers.forEach((asker) => asker.rest());
    askers = found.roots.map((imageRoot, root) =>
      askForThumbnails(host.program, host.cwd, imageRoot, host.cache, ({ path, file, problem }) =>
        answer({ root, path, uri: file === null ? null : host.uriOf(file), problem }),
      ),
    );
  };

  return {
    title,
    async show() {
      const found = await read();
      open(found);
      const { roots: _held, ...shown } = found;
      host.post({ type: "sheet", source, ...shown });
    },
    async hear(message) {
      if (!sheet) return;
      if (message.type === "want")
        for (const image of message.images)
          if (own.has(keyOf(image))) askers[image.root]?.ask(image.path);
      if (message.type !== "openImage" || !own.has(keyOf(message))) return;
      const file = join(sheet.roots[message.root]!, message.path);
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
    },
    rest() {
      askers.forEach((asker) => asker.rest());
    },
  };
}

async function readSheet(
  { program, cwd }: PageHost,
  source: SheetSource,
  previews: PreviewReader,
): Promise<Sheet> {
  if (source.page === "class") {
    const { root, dataset, label } = source;
    const args = ["data", "images", "--data", root, "--dataset", dataset, "--label", `${label}`];
    const { stdout } = await program.must(args, { cwd });
    const { title, name, imageRoot, images } = JSON.parse(stdout) as ClassImages;
    const subtitle = title === imageRoot ? title : `${title} · ${imageRoot}`;
    return {
      title: name,
      subtitle,
      groups: "parts",
      roots: [imageRoot],
      images: images.map((image) => ({ ...image, root: 0 })),
    };
  }
  const { splits } = await previews.read(source.of);
  const roots = [...new Set(splits.map(({ imageRoot }) => imageRoot))];
  const images = splits.flatMap(({ split, imageRoot, classNames, images: all }) =>
    all
      .filter(([, label]) => classNames[label] === source.name)
      .map(([path]) => ({ path, part: split, root: roots.indexOf(imageRoot) })),
  );
  const subtitle = sourceArgument(source.of);
  return { title: source.name, subtitle, groups: "parts", roots, images };
}

function keyOf({ root, path }: { root: number; path: string }): string {
  return `${root}:${path}`;
}
