import { expect, test } from "vitest";
import { parseConfig } from "../../src/protocol/parseConfig";
import { moved } from "../../src/host/config/moved";

const rate = ["optimizer", "learningRate"];

/** A text of these lines. */
const lines = (...all: string[]): string => all.join("\n");

test("a moved setting takes the comments directly above it and at the end of its line along, and no others", () => {
  const text = lines(
    "{ // all of it",
    '  "name": "a", // of the run',
    "",
    "  // peak",
    "  /* of",
    "     AdamW */",
    '  "lr": 1e-3, // tuned',
    "  // what follows",
    '  "optimizer": {',
    "    // little",
    '    "weightDecay": 0',
    "  }",
    "}",
  );
  expect(moved(text, ["lr"], rate)).toBe(
    lines(
      "{ // all of it",
      '  "name": "a", // of the run',
      "",
      "  // what follows",
      '  "optimizer": {',
      "    // peak",
      "    /* of",
      "       AdamW */",
      '    "learningRate": 1e-3, // tuned',
      "    // little",
      '    "weightDecay": 0',
      "  }",
      "}",
    ),
  );
  const header = lines("{", "  // of the file", "", '  "lr": 1,', '  "optimizer": {}', "}");
  expect(moved(header, ["lr"], rate)).toBe(
    lines("{", "  // of the file", "", '  "optimizer": { "learningRate": 1 }', "}"),
  );
});

test("a section on one line is opened where comments come into it", () => {
  const text = lines(
    "{",
    '  "optimizer": { "weightDecay": 0, "betas": [0.9, 0.99] }, // AdamW',
    "  // peak",
    '  "lr": 1e-3 // tuned',
    "}",
  );
  expect(moved(text, ["lr"], rate)).toBe(
    lines(
      "{",
      '  "optimizer": {',
      "    // peak",
      '    "learningRate": 1e-3, // tuned',
      '    "weightDecay": 0, "betas": [0.9, 0.99]',
      "  } // AdamW",
      "}",
    ),
  );
  const empty = lines("{", '\t"optimizer": {},', '\t"lr": 1 // tuned', "}");
  expect(moved(empty, ["lr"], rate)).toBe(
    lines("{", '\t"optimizer": {', '\t\t"learningRate": 1 // tuned', "\t}", "}"),
  );
  const plain = '{ "lr": 1, "optimizer": { "weightDecay": 0 } }';
  expect(moved(plain, ["lr"], rate)).toBe(
    '{ "optimizer": { "learningRate": 1, "weightDecay": 0 } }',
  );
});

test("what is said in a section that is opened stays there", () => {
  const empty = lines("{", '  "optimizer": { /* AdamW */ },', '  "lr": 1 // tuned', "}");
  expect(moved(empty, ["lr"], rate)).toBe(
    lines("{", '  "optimizer": { /* AdamW */', '    "learningRate": 1 // tuned', "  }", "}"),
  );
  const full = lines(
    "{",
    '  "optimizer": { /* small */ "epsilon": 1 },',
    '  "lr": 1 // tuned',
    "}",
  );
  expect(moved(full, ["lr"], rate)).toBe(
    lines(
      "{",
      '  "optimizer": {',
      '    "learningRate": 1, // tuned',
      '    /* small */ "epsilon": 1',
      "  }",
      "}",
    ),
  );
});

test("a value of several lines is indented as its new place is", () => {
  const text = lines(
    "{",
    '  "name": "a",',
    '  "training": {',
    '    "steps": 1,',
    '    "targets": [',
    '      "q", // queries',
    '      "v"',
    "    ] // places",
    "  },",
    '  "lora": {',
    '    "rank": 2',
    "  }",
    "}",
  );
  expect(moved(text, ["training", "targets"], ["targets"])).toBe(
    lines(
      "{",
      '  "targets": [',
      '    "q", // queries',
      '    "v"',
      "  ], // places",
      '  "name": "a",',
      '  "training": {',
      '    "steps": 1',
      "  },",
      '  "lora": {',
      '    "rank": 2',
      "  }",
      "}",
    ),
  );
});

test("where its section is not there yet it is made in the place of the setting", () => {
  const text = lines("{", "  // peak", '  "lr": 1e-3, // tuned', '  "seed": 2', "}");
  expect(moved(text, ["lr"], rate)).toBe(
    text.replace('"lr": 1e-3', '"optimizer": { "learningRate": 1e-3 }'),
  );
});

test("what is said between a key and its value goes with them", () => {
  const text = lines("{", '  "lr": // peak', "    /* of AdamW */ 1e-3,", '  "optimizer": {}', "}");
  expect(moved(text, ["lr"], rate)).toBe(
    lines("{", '  "optimizer": { "learningRate": // peak', "    /* of AdamW */ 1e-3 }", "}"),
  );
  expect(moved('{ "lr" /* peak */: 1 }', ["lr"], rate)).toBe(
    '{ "optimizer": { "learningRate": /* peak */ 1 } }',
  );
});

test.each([
  '{ "seed": 1, /* peak */ "lr": 2, "optimizer": { "epsilon": 1 } }',
  '{ "seed": 1, "lr": 2 /* peak */, "optimizer": { "epsilon": 1, } }',
  '{ "optimizer": { "epsilon": 1 }, "lr": 2 /* peak */ }',
  '{\n  "seed": 1 // one\n  , "lr": 2 // peak\n  , "optimizer": { "epsilon": 1 } // three\n}',
  '{\n  "optimizer": { "epsilon": 1 },\n  "seed": 1,\n  // peak\n  "lr": 2,\n}',
  '{\n  "optimizer": { /* of\n  two lines */ "epsilon": 1 },\n  "lr": 2 // peak\n}',
  '{\r\n  "optimizer": {\r\n    "epsilon": 1\r\n  },\r\n  "seed": 1, // one\r\n  // peak\r\n  "lr": 2\r\n}',
])("%j: however it is written, it says the same, and its comment stands at it", (text) => {
  const after = moved(text, ["lr"], rate);
  expect(parseConfig(after, "glad.json").optimizer).toMatchObject({ learningRate: 2, epsilon: 1 });
  expect(after).toMatch(/peak( \*\/)?\s*"learningRate": 2|"learningRate": 2,? (\/\/|\/\*) peak/);
  const comments = (of: string): string[] => of.match(/\/\/[^\r\n]*|\/\*[^]*?\*\//g)!.sort();
  expect(comments(after)).toEqual(comments(text));
});
