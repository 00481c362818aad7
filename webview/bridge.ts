import type { HostMessage, PageMessage, PageState } from "../src/protocol/page";
import { openChannel } from "./channel";

/** A request without its number, which the bridge gives. */
type Unnumbered<T> = T extends { request: number } ? Omit<T, "request"> : never;
export type Request = Unnumbered<PageMessage>;
type AnswerOf<T extends Request["type"]> = T extends "rows"
  ? Extract<HostMessage, { type: "rows" }>
  : T extends "details"
    ? Extract<HostMessage, { type: "details" }>
    : Extract<HostMessage, { type: "curves" }>;

/** How long an answer may take before the request counts as failed. */
const patience = 15_000;

/** The page's line to the extension host. */
export interface Bridge {
  post(message: Exclude<PageMessage, { request: number }>): void;
  /** Asks and waits for the answer; rejects with a sentence for the user, also when no answer comes. */
  ask<R extends Request>(request: R): Promise<AnswerOf<R["type"]>>;
  /** What was kept in a former life; null at the first start or from another version. */
  kept(): PageState | null;
  keep(state: PageState): void;
}

/** Opens the line. Messages that answer no request go to `onMessage`. */
export function openBridge(onMessage: (message: HostMessage) => void): Bridge {
  const waiting = new Map<number, { resolve(answer: HostMessage): void; reject(e: Error): void }>();
  let last = 0;

  const channel = openChannel<HostMessage, PageMessage, PageState>((data) => {
    const asked = "request" in data && data.request !== null ? waiting.get(data.request) : null;
    if (!asked) return onMessage(data);
    if ("request" in data) waiting.delete(data.request!);
    if (data.type === "refused") asked.reject(new Error(data.message));
    else asked.resolve(data);
  });

  return {
    post: channel.post,
    ask<R extends Request>(request: R) {
      const number = ++last;
      return new Promise<AnswerOf<R["type"]>>((resolve, reject) => {
        waiting.set(number, { resolve: resolve as (answer: HostMessage) => void, reject });
        setTimeout(() => {
          if (waiting.delete(number)) reject(new Error("no answer"));
        }, patience);
        channel.post({ ...request, request: number });
      });
    },
    kept: channel.kept,
    keep: channel.keep,
  };
}
