import type { PageState, View } from "../src/protocol/page";
import type { Bridge } from "./bridge";
import type { Model } from "./model";
import type { Theme } from "./theme";

/** What every part of the page works with. */
export interface Context {
  bridge: Bridge;
  model: Model;
  theme: Theme;
  /** What the page keeps over a reload; call `save` after changing it. */
  state: PageState;
  save: () => void;
  /** Asks for the curves in another view and draws as far as it can meanwhile. */
  changeView: (change: Partial<View>) => void;
  /** Draws everything at the next frame. */
  redraw: () => void;
  /** Says something to a screen reader. */
  announce: (text: string) => void;
}

/** A part of the page. */
export interface Part {
  element: HTMLElement;
  /** Brings the part up to date with the model. */
  update(): void;
}
