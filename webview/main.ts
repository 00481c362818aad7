import { defaultView } from "../src/protocol/pageDefaults";
import type { HostMessage, PageState } from "../src/protocol/page";
import { createApp, type App } from "./app";
import { openBridge } from "./bridge";
import { h, replaceChildren } from "./dom";
import { t, useStrings } from "./strings";
import { button, progressRing, registerControls } from "./ui/toolkit";

/** After how many milliseconds without an answer the page says so. */
const patience = 5_000;

const page = document.getElementById("page")!;
registerControls();
let app: App | null = null;
const bridge = openBridge(receive);
const state: PageState = bridge.kept() ?? {
  version: 1,
  runs: [],
  colours: {},
  active: null,
  view: defaultView,
  logarithmic: false,
  toggled: [],
  yRanges: {},
  tables: [],
  tab: "curves",
  split: null,
};
sayReady();

function receive(message: HostMessage): void {
  if (app) return app.receive(message);
  if (message.type !== "snapshot") return;
  useStrings(message.strings);
  app = createApp(bridge, state, message);
  replaceChildren(page, app.element);
}

/** Asks for the snapshot. An editor that stays silent is asked again when the user wants. */
function sayReady(): void {
  bridge.post({ type: "ready", state: bridge.kept(), width: expectedWidth() });
  setTimeout(() => {
    if (!app) replaceChildren(page, silence());
  }, patience);
}

function silence(): HTMLElement {
  const again = button({ label: t("tryAgain"), look: "primary" }, () => {
    replaceChildren(page, h("div", { class: "loading" }, progressRing(t("loading"))));
    sayReady();
  });
  return h(
    "main",
    { class: "empty" },
    h("h1", { text: t("noAnswer") }),
    h("p", { text: t("noAnswerText") }),
    again.element,
  );
}

/** About how wide a plot will be: the charts stand in as many columns as fit (see styles/charts.css). */
function expectedWidth(): number {
  const room = Math.max(300, document.documentElement.clientWidth - 40);
  return Math.round(room / Math.max(1, Math.floor(room / 400)));
}
