/** Arrow keys, Home and End move between the tiles of an element; Tab goes from one list of tiles to the next. */
export function moveByKeys(element: HTMLElement): void {
  element.addEventListener("keydown", (event) => {
    const tile = (event.target as HTMLElement).closest<HTMLElement>(".tile");
    const list = tile?.closest(".tiles");
    if (!tile || !list) return;
    const tiles = [...list.querySelectorAll<HTMLElement>(".tile")];
    const to = target(event.key, tiles, tiles.indexOf(tile));
    if (!to) return;
    event.preventDefault();
    focusTile(list, to);
  });
  element.addEventListener("focusin", (event) => {
    const tile = (event.target as HTMLElement).closest<HTMLElement>(".tile");
    const list = tile?.closest(".tiles");
    if (tile && list) makeCurrent(list, tile);
  });
}

function target(key: string, tiles: readonly HTMLElement[], at: number): HTMLElement | undefined {
  switch (key) {
    case "ArrowRight":
      return tiles[at + 1];
    case "ArrowLeft":
      return tiles[at - 1];
    case "ArrowDown":
      return tiles[Math.min(at + columns(tiles), tiles.length - 1)];
    case "ArrowUp":
      return tiles[Math.max(at - columns(tiles), 0)];
    case "Home":
      return tiles[0];
    case "End":
      return tiles.at(-1);
    default:
      return undefined;
  }
}

/** How many tiles stand in a row: those as high on the page as the first. */
function columns(tiles: readonly HTMLElement[]): number {
  const top = tiles[0]!.getBoundingClientRect().top;
  const next = tiles.findIndex((tile) => tile.getBoundingClientRect().top !== top);
  return next < 1 ? tiles.length : next;
}

function focusTile(list: Element, tile: HTMLElement): void {
  makeCurrent(list, tile);
  tile.focus();
  tile.scrollIntoView({ block: "nearest" });
}

function makeCurrent(list: Element, tile: HTMLElement): void {
  for (const other of list.querySelectorAll('[tabindex="0"]')) other.setAttribute("tabindex", "-1");
  tile.setAttribute("tabindex", "0");
}
