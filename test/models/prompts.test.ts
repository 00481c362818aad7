import { dirname } from "node:path";
import { expect, test } from "vitest";
import { toOnnx } from "../../src/graph/onnx";
import { textFeatureProgram } from "../../src/models/graphs";
import { endOfText, type PromptBatch, promptBatch } from "../../src/models/prompts";
import { openSnapshot } from "../../src/models/snapshot";
import { openSession } from "../../src/runtime/session";
import { promptFeeds } from "../../src/train/promptPasses";
import { expectClose } from "../support/allclose";
import { goldenFolder } from "../support/golden";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipConfig, writeTinyClip } from "../support/tinyClip";

const text = tinyClipConfig().text;
const [bos, eos] = [text.vocabularySize - 2, text.vocabularySize - 1];

test("prompts are cut to the longest end-of-text position and share what they begin with", () => {
  const batch = promptBatch(
    [
      [bos, 5, 6, 7, eos],
      [bos, 5, 6, 8, 9, 9, eos],
      [bos, 5, 6, eos],
    ],
    text,
  );
  expect([...batch.prefix]).toEqual([bos, 5, 6]);
  expect([...batch.suffix]).toEqual([7, eos, eos, eos, 8, 9, 9, eos, eos, eos, eos, eos]);
  expect([...batch.endOfText]).toEqual([1, 3, 0]);
});

test("one prompt, or equal ones, keep their end of text for themselves", () => {
  expect(promptBatch([[bos, 5, eos]], text)).toMatchObject({ count: 1, length: 1 });
  const same = promptBatch(
    [
      [bos, 5, eos],
      [bos, 5, eos],
    ],
    text,
  );
  expect([...same.suffix]).toEqual([eos, eos]);
});

test("the end of text is the highest id, or the first of a given id", () => {
  expect(endOfText([bos, 5, eos, 5, eos], text)).toBe(2);
  expect(endOfText([1, 9, 7, 9], { ...text, endOfText: { by: "id", id: 9 } })).toBe(1);
  expect(() => promptBatch([[1, 9, 7]], { ...text, endOfText: { by: "id", id: 3 } })).toThrow(
    /the tokenizer does not fit the model/,
  );
});

test.each(["tiny", "clip-b"])(
  "cutting and sharing change nothing: %s with the full context",
  async (name) => {
    const folder = name === "tiny" ? temporaryFolder() : `${goldenFolder}/${name}`;
    if (name === "tiny") await writeTinyClip(folder, { text: { contextLength: 77 } });
    const snapshot = await openSnapshot(folder);
    const config = snapshot.config.text;
    const end = config.endOfText.by === "id" ? config.endOfText.id : config.vocabularySize - 1;
    const prompts = [
      [3, 5, 6, 7, end],
      [3, 5, 6, 8, 9, 9, end],
      [3, 5, 10, end],
    ];
    const cut = promptBatch(prompts, config);
    expect(cut.prefix.length + cut.length).toBe(7);
    const context = config.contextLength;
    const full: PromptBatch = {
      prefix: Int32Array.of(3),
      // What follows the end of text is arbitrary.
      suffix: Int32Array.from(
        prompts.flatMap((ids) =>
          Array.from({ length: context - 1 }, (_, i) => ids[i + 1] ?? (i * 7) % 20),
        ),
      ),
      endOfText: Int32Array.from(prompts, (ids) => ids.length - 2),
      count: 3,
      length: context - 1,
    };
    const program = {
      snapshot,
      sites: [],
      lora: {
        encoder: "both",
        targets: ["q"],
        layers: "all",
        rank: 1,
        alpha: 1,
        scaling: "lora",
        dropout: 0,
      },
      dtype: "float32",
      packed: false,
    } as const;
    const features: Float32Array[] = [];
    for (const batch of [cut, full]) {
      const shape = { prefix: batch.prefix.length, length: batch.length, count: 3, rows: null };
      const session = await openSession(
        toOnnx(textFeatureProgram(program, shape, false), { fusedMatMul: true }),
        {
          device: { kind: "cpu" },
          threads: 1,
          weightsFolder: dirname([...snapshot.tensors.values()][0]!.file),
        },
      );
      const out = await session.run(promptFeeds(batch, Int32Array.of(0, 1, 2), shape));
      features.push(out.features!.data as Float32Array);
      await session.release();
    }
    // The same sums of the same terms; only their order may differ.
    expectClose("features", features[0]!, features[1]!, { absolute: 5e-7 });
  },
);
