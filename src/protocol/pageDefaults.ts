import type { PageState } from "./page";

/** What the page shows of the curves before the user chooses otherwise. */
export const defaultView: PageState["view"] = { axis: "step", range: null, smoothing: 0.95 };
