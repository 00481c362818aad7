// From a line in events.jsonl to pixels on the page: less than 200 ms where the system tells of changes.
import { measureLag } from "../lag.mjs";

export const flow = (session) => measureLag(session, 200);
