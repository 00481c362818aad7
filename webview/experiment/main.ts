import type {
  TableHostMessage,
  TablePageMessage,
  TablePageState,
} from "../../src/protocol/tablePage";
import { openChannel } from "../channel";
import { h, replaceChildren } from "../dom";
import { t, useStrings } from "../strings";
import { progressRing, registerControls } from "../ui/toolkit";
import { createPage, type ExperimentPage } from "./page";

const place = document.getElementById("page")!;
registerControls();
let page: ExperimentPage | null = null;
const channel = openChannel<TableHostMessage, TablePageMessage, TablePageState>(receive);
const state: TablePageState = channel.kept() ?? {
  version: 1,
  file: "",
  column: null,
  published: true,
};
replaceChildren(place, h("div", { class: "loading" }, progressRing(t("loading"))));
channel.post({ type: "ready" });

function receive(message: TableHostMessage): void {
  if (message.type === "experiment") {
    useStrings(message.strings);
    state.file = message.file;
    channel.keep(state);
  }
  if (!page) {
    page = createPage({ post: channel.post, state, save: () => channel.keep(state) });
    replaceChildren(place, page.element);
  }
  page.receive(message);
}
