import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

const zodAsName = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
  message: 'Write import * as z from "zod": with { z } all of zod is bundled, 75 kB more.',
};

const recursiveMkdir = {
  selector: "CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name='recursive']",
  message:
    "Take makeFolder: node's way says ENOENT of a read-only disk and never ends below /proc.",
};

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", ".glad/", ".tools/", ".vscode-test/", "media/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-restricted-syntax": ["error", zodAsName],
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
    },
  },
  {
    // The host's own folders lie in the editor's storage.
    files: ["src/**/*.ts"],
    ignores: ["src/host/**"],
    rules: { "no-restricted-syntax": ["error", zodAsName, recursiveMkdir] },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: { globals: globals.node },
  },
  {
    // What a flow evaluates in the page's frame stands in the flow.
    files: ["test/vscode/**/*.mjs"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
);
