import type { DataHostMessage, SheetImage, SheetThumbnail } from "../../src/protocol/dataPage";
import { h, setShown, setText } from "../dom";
import { button } from "../ui/toolkit";
import { imageCount, integer, partName, t } from "./strings";
import { moveByKeys } from "./tileKeys";
import type { Post, View } from "./view";

type SheetMessage = Extract<DataHostMessage, { type: "sheet" }>;

/**
 * So many tiles are made at once, the next ones when their end comes near the window; at first fewer, because there may be a
 * thousand classes.
 */
const [firstSize, pageSize] = [24, 200];
/** How far below the window (CSS length) tiles are made and thumbnails asked for. */
const margin = "600px";

interface Tile {
  button: HTMLButtonElement;
  image: SheetImage;
}

/** Images by part or class: tiles are made page by page, and their thumbnails asked for when they come into view. */
export function createSheet(message: SheetMessage, post: Post): View {
  const { title, subtitle, images, groups } = message;
  const groupName = groups === "parts" ? partName : className;
  const tiles = new Map<string, Tile>();
  const unreadable = h("p", { class: "warning", role: "status", hidden: true });
  let bad = 0;
  const inView = new IntersectionObserver(ask, { rootMargin: margin });

  function ask(entries: IntersectionObserverEntry[]): void {
    const wanted = entries.filter(({ isIntersecting }) => isIntersecting);
    for (const { target } of wanted) inView.unobserve(target);
    const asked = wanted.flatMap(
      ({ target }) => tiles.get((target as HTMLElement).dataset.key!) ?? [],
    );
    if (asked.length > 0)
      post({ type: "want", images: asked.map(({ image: { root, path } }) => ({ root, path })) });
  }

  function makeTile(image: SheetImage, index: number, all: number): HTMLElement {
    const key = keyOf(image);
    const name = image.path.split("/").at(-1)!;
    const { said } = image;
    const alt = said
      ? t("said", name, said.full)
      : t("picture", title, integer(index + 1), integer(all), groupName(image.part), name);
    const hint = said ? `${image.path}\n${said.full}` : image.path;
    const label = said ? `${said.short} · ${name}` : name;
    const tile = h(
      "button",
      { type: "button", class: "tile", title: hint, tabindex: -1, "aria-label": alt },
      h("span", { class: "tile-image" }),
      h("span", { class: "tile-name", "aria-hidden": "true", text: label }),
    );
    tile.dataset.key = key;
    tile.addEventListener("click", () =>
      post({ type: "openImage", root: image.root, path: image.path }),
    );
    tiles.set(key, { button: tile, image });
    inView.observe(tile);
    return h("li", {}, tile);
  }

  function fill({ root, path, uri, problem }: SheetThumbnail): void {
    const tile = tiles.get(keyOf({ root, path }));
    if (!tile) return;
    const place = tile.button.querySelector(".tile-image")!;
    const alt = tile.button.getAttribute("aria-label")!;
    // From here on its content names the button.
    tile.button.removeAttribute("aria-label");
    if (uri === null) {
      tile.button.title = `${path}: ${problem ?? ""}`;
      place.replaceChildren(
        h("span", { class: "no-picture", text: t("noPicture") }),
        h("span", { class: "hidden-text", text: `: ${alt}: ${problem ?? ""}` }),
      );
      bad++;
      setShown(unreadable, true);
      setText(unreadable, bad === 1 ? t("unreadableOne") : t("unreadable", integer(bad)));
      return;
    }
    place.replaceChildren(h("img", { src: uri, alt, decoding: "async" }));
  }

  const byPart = new Map<string, SheetImage[]>();
  for (const image of images) {
    const own = byPart.get(image.part);
    if (own) own.push(image);
    else byPart.set(image.part, [image]);
  }
  const sections = [...byPart].map(([part, own], n) => {
    const make = (image: SheetImage, i: number) => makeTile(image, i, own.length);
    return partSection(`part-${n}`, groupName(part), own, make);
  });
  const figures = [imageCount(images.length), ...countsOf(groups, byPart)];
  const nothing = t(groups === "parts" ? "empty" : "noImages");
  const empty = h("p", { class: "muted", text: nothing, hidden: images.length > 0 });
  const element = h(
    "main",
    { class: "sheet" },
    h(
      "header",
      { class: "page-head" },
      h("h1", { text: title }),
      h("p", { class: "muted path", text: subtitle }),
      h("p", { class: "figures", text: figures.join(" · ") }),
      unreadable,
      groups === "classes" ? classifiedActions(post, images.length > 0) : null,
    ),
    empty,
    h("p", { id: "sheet-help", class: "hidden-text", text: t("sheetHelp") }),
    ...sections,
  );
  moveByKeys(element);
  return {
    element,
    receive(message) {
      if (message.type !== "thumbnails") return false;
      message.thumbnails.forEach(fill);
      return true;
    },
  };
}

function className(name: string): string {
  return name === "" ? t("unreadableGroup") : name;
}

/** How many images each part has; of classes, which may be a thousand, their number. */
function countsOf(
  groups: SheetMessage["groups"],
  byPart: ReadonlyMap<string, readonly SheetImage[]>,
): string[] {
  if (groups === "parts")
    return [...byPart].map(([part, own]) => `${partName(part)}: ${integer(own.length)}`);
  const found = [...byPart.keys()].filter((part) => part !== "").length;
  return [found === 1 ? t("classesFoundOne") : t("classesFound", integer(found))];
}

function classifiedActions(post: Post, any: boolean): HTMLElement {
  const save = button({ label: t("saveTable") }, () => post({ type: "saveTable" }));
  const again = button({ label: t("classifyAgain") }, () => post({ type: "check" }));
  return h("div", { class: "page-actions" }, any ? save.element : null, again.element);
}

function keyOf({ root, path }: Pick<SheetImage, "root" | "path">): string {
  return `${root}:${path}`;
}

/** A part or class with as many tiles as were scrolled to. */
function partSection(
  id: string,
  name: string,
  images: readonly SheetImage[],
  makeTile: (image: SheetImage, index: number) => HTMLElement,
): HTMLElement {
  const list = h("ul", { class: "tiles", "aria-describedby": "sheet-help" });
  const end = h("div", { class: "sheet-end" });
  let made = 0;
  const more = (): void => {
    const size = made === 0 ? firstSize : pageSize;
    const next = images.slice(made, made + size).map((image, i) => makeTile(image, made + i));
    made += next.length;
    list.append(...next);
    if (list.querySelector('[tabindex="0"]') === null)
      list.querySelector("button")?.setAttribute("tabindex", "0");
    if (made >= images.length) near.disconnect();
  };
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      more();
      // An end that stays in view is told only once.
      near.unobserve(end);
      if (made < images.length) near.observe(end);
    },
    { rootMargin: margin },
  );
  near.observe(end);
  return h(
    "section",
    { class: "block", "aria-labelledby": id },
    h(
      "div",
      { class: "block-head" },
      h("h2", { id, text: name }),
      h("span", { class: "muted figures", text: imageCount(images.length) }),
    ),
    list,
    end,
  );
}
