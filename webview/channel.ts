/** What VS Code gives a webview to speak with its extension. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** A page's line to the extension host, and what the editor keeps of the page. */
export interface Channel<Message, State> {
  post: (message: Message) => void;
  /** What was kept in a former life; null at the first start or from another version. */
  kept: () => State | null;
  keep: (state: State) => void;
}

/** Opens the line of this page; it can be opened once. */
export function openChannel<
  HostMessage extends { type: string },
  Message,
  State extends { version: number },
>(onMessage: (message: HostMessage) => void): Channel<Message, State> {
  const api = acquireVsCodeApi();
  window.addEventListener("message", ({ data }: MessageEvent<HostMessage | undefined>) => {
    if (typeof data === "object" && typeof data.type === "string") onMessage(data);
  });
  return {
    post: (message) => api.postMessage(message),
    kept() {
      const state = api.getState() as State | undefined;
      return state?.version === 1 ? state : null;
    },
    keep: (state) => api.setState(state),
  };
}
