import { InternalError, UserError } from "../util/errors";
import type { TextConfig } from "./types";

/** Tokenised prompts as the text encoder takes them; the numbers behind `PromptTensors`. */
export interface PromptBatch {
  /** Tokens that all prompts begin with, [prefix]. */
  prefix: Int32Array;
  /** The other tokens of each prompt up to the longest end-of-text position, [K, s]. */
  suffix: Int32Array;
  /** Position of each prompt's end-of-text token within its suffix, [K]. */
  endOfText: Int32Array;
  count: number;
  /** s */
  length: number;
}

/**
 * Cuts prompts to the longest end-of-text position and shares their common beginning. Both are exact: a causal encoder
 * that is read at the end-of-text token never sees what follows it, and gives equal beginnings equal values.
 */
export function promptBatch(
  prompts: readonly (readonly number[])[],
  config: TextConfig,
): PromptBatch {
  const [first] = prompts;
  if (first === undefined) throw new InternalError("promptBatch: no prompts");
  const ends = prompts.map((ids) => endOfText(ids, config));
  if (ends.some((end) => end < 1))
    throw new UserError(
      "the tokenizer does not fit the model: its prompts do not contain the end-of-text token that config.json names " +
        "(text_config.eos_token_id); use the tokenizer files of the model's own repository",
    );
  // The suffix keeps at least the end-of-text token of every prompt.
  let shared = Math.min(...ends);
  for (const ids of prompts) {
    let same = 0;
    while (same < shared && ids[same] === first[same]) same++;
    shared = same;
  }
  const length = Math.max(...ends) + 1 - shared;
  const suffix = new Int32Array(prompts.length * length);
  prompts.forEach((ids, k) => {
    for (let i = 0; i < length; i++) suffix[k * length + i] = ids[Math.min(shared + i, ends[k]!)]!;
  });
  return {
    prefix: Int32Array.from(first.slice(0, shared)),
    suffix,
    endOfText: Int32Array.from(ends, (end) => end - shared),
    count: prompts.length,
    length,
  };
}

/** Where a prompt is read, by either rule that transformers knows; -1 where the token is not in it. */
export function endOfText(ids: readonly number[], { endOfText: rule }: TextConfig): number {
  if (rule.by === "id") return ids.indexOf(rule.id);
  return ids.indexOf(Math.max(...ids));
}

/** Prompts are kept ragged where that takes less than this share of the rows that prompts of equal length would take. */
export const raggedShare = 0.9;

/**
 * How many rows of the text encoder one class costs: the tokens of its own prompt where lengths differ enough that prompts are
 * kept ragged (see PromptShape), on average, else those of the longest.
 */
export function tokensPerClass(prompts: PromptBatch): number {
  const mean = ownTokens(prompts).reduce((sum, tokens) => sum + tokens, 0) / prompts.count;
  return mean < raggedShare * prompts.length ? mean : prompts.length;
}

/** Tokens of each prompt behind the shared ones, up to its end-of-text token, [K]. */
export function ownTokens({ endOfText }: PromptBatch): Int32Array {
  return endOfText.map((end) => end + 1);
}
