/**
 * Stands in for VS Code and for the extension in a data page under test: it sends what the scenario has when the page is
 * ready, and a thumbnail for every image that is asked for. Tests speak to it as `gladData`.
 */
import type { DataHostMessage, DataPageMessage } from "../../../src/protocol/dataPage";
import type { DataScenario } from "../dataScenarios";
import { applyTheme } from "./applyTheme";

interface FakeDataHost {
  /** Everything that the page posted. */
  posted: DataPageMessage[];
  send(message: DataHostMessage): void;
}

const scenario = (window as unknown as { gladScenario: DataScenario }).gladScenario;
const storage = "glad-data-state";
const posted: DataPageMessage[] = [];
applyTheme(scenario.theme);

function send(message: DataHostMessage): void {
  window.postMessage({ ...message, strings: scenario.strings ?? message.strings }, "*");
}

function answer(message: DataPageMessage): void {
  if (message.type === "ready") scenario.messages.forEach(send);
  if (message.type !== "want") return;
  const thumbnails = message.images.map(({ root, path }, i) => {
    const problem = scenario.unreadable?.includes(path) ? "it is cut off" : null;
    const uri = scenario.pictures[(path.length + i) % scenario.pictures.length]!;
    return { root, path, uri: problem === null ? uri : null, problem };
  });
  send({ type: "thumbnails", thumbnails, strings: {} });
}

const host: FakeDataHost = { posted, send };
Object.assign(window, {
  gladData: host,
  acquireVsCodeApi: () => ({
    postMessage(message: DataPageMessage) {
      const copy = structuredClone(message);
      posted.push(copy);
      answer(copy);
    },
    setState: (state: unknown) => sessionStorage.setItem(storage, JSON.stringify(state)),
  }),
});
