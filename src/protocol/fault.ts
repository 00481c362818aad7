import { UserError } from "../util/errors";

/** Keys and positions in lists that lead to a value. */
export type Path = readonly PropertyKey[];

/** What may mend a fault, as a change of the text where it is. */
export type Mend =
  /** Another value stands there; where none does it is put in. `isGuess`: it is allowed, and nothing says that it was meant. */
  | { kind: "value"; value: unknown; isGuess?: boolean }
  /** These settings are put into the section there. */
  | { kind: "add"; values: Readonly<Record<string, unknown>> }
  /** The key is called otherwise. */
  | { kind: "key"; key: string }
  /** The setting stands elsewhere. */
  | { kind: "move"; to: Path }
  /** The setting is left out. */
  | { kind: "leaveOut" };

/** One thing that is wrong with a text that a person writes. */
export interface Fault {
  /** Where; of what is missing, where it should be. */
  path: (string | number)[];
  /** Whether it is the key there that is wrong, and not its value. */
  ofKey?: boolean;
  /** The setting that was probably meant by the key there. */
  meant?: Path;
  /** The characters, where no path leads to them. */
  at?: { offset: number; length: number };
  /** Whether the text is no JSON there, which every editor marks by itself. */
  isSyntax?: boolean;
  /** One sentence without the place. `isWhole`: it has no subject, which is the file. */
  message: string;
  isWhole?: boolean;
  /** The likeliest first. */
  mends?: readonly Mend[];
}

/** A text with faults; the message has a sentence with its place for each. */
export class FaultyText extends UserError {
  constructor(
    readonly faults: readonly Fault[],
    sentence: (fault: Fault) => string,
  ) {
    super(faults.map(sentence).join("\n"));
  }
}
