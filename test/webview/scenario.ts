import type { FailureView, FlatConfig, PageRunState } from "../../src/protocol/page";
import type { Table } from "../../src/protocol/table";
import type { ExperimentView } from "../../src/protocol/tablePage";
import type { EventsOptions } from "../support/runEvents";
import type { TestTheme } from "./themes";

/** A run of a scenario: made-up events, and what its status and its folder would say. */
export interface ScenarioRun {
  id: string;
  events: EventsOptions;
  /** How many of the events are there at first; all where it is missing. */
  taken?: number;
  state: PageRunState;
  /** For how many seconds its trainer has not answered. */
  silent?: number;
  /** What is done to end it. */
  stopping?: string;
  /** Whether this window does it. */
  ending?: boolean;
  failure?: FailureView;
  warnings?: string[];
  config?: FlatConfig;
  /** Whether there are raw predictions. */
  detailed?: boolean;
}

/** What the host of a page under test has. */
export interface Scenario {
  theme: TestTheme;
  runs: ScenarioRun[];
  /** The runs of the panel at first; all where it is missing. */
  selected?: string[];
  mayControl?: boolean;
  strings?: Record<string, string>;
  /** Addresses of pictures for the data set's images; none where there are none. */
  pictures: string[];
  /** The host never answers. */
  silent?: boolean;
}

/** What the host of an experiment's page has. */
export interface TableScenario {
  theme: TestTheme;
  experiment: ExperimentView | null;
  table: Table | null;
  mayControl?: boolean;
  strings?: Record<string, string>;
}
