import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ConfigFinding } from "../../protocol/configFinding";
import type { DataPlace } from "../data/dataStore";
import type { Program } from "../program";
import { isConfigFile } from "./configFileName";
import type { Problem } from "./problems";

/** Milliseconds without typing before a text is looked at, and before what it names is. */
const pause = { text: 300, named: 1000 };
/** Milliseconds before it is looked again for what a configuration names and was not there. */
const patience = 3000;

/** A kind of file that is looked at. */
export interface FileKind {
  /** Glob of its names. */
  pattern: string;
  matches(path: string): boolean;
  /** What is wrong with a text by itself. */
  problems(text: string, file: string): Promise<readonly Problem[]>;
  /** The command of the program that looks at what a text names. */
  command: readonly string[];
  /** Hears what was found of what a saved file names. */
  checked?(file: string, findings: readonly ConfigFinding[]): void;
}

const configPattern = "**/{glad.json,*.glad.json}";
export const configSelector: vscode.DocumentSelector = { scheme: "file", pattern: configPattern };

export const configKind: FileKind = {
  pattern: configPattern,
  matches: isConfigFile,
  async problems(text, file) {
    const { configProblems } = await import("./problems");
    return configProblems(text, file);
  },
  command: ["config", "check"],
};

/** The marks in open configurations. */
export interface ConfigDiagnostics extends vscode.Disposable {
  /** Looks at all open configurations again: what they name may be there now. */
  refresh(): void;
}

/** What is known of an open configuration. */
interface Known {
  timer?: NodeJS.Timeout;
  abort?: AbortController;
  /** The text that was checked last, and what was found. */
  checked?: string;
  findings: readonly ConfigFinding[];
  /** When that was, or was to be. */
  lookedAt: number;
  /** What the configuration names may be another by now, though its text is the same. */
  stale: boolean;
}

/**
 * Marks what is wrong with open configurations and offers to mend it. The text is looked at here; model, data and memory
 * by the command line, in a process of its own, which an untrusted workspace does not get.
 */
export function diagnoseConfigs(
  program: Program,
  output: vscode.LogOutputChannel,
  kinds: readonly FileKind[],
  places: () => readonly DataPlace[],
): ConfigDiagnostics {
  const collection = vscode.languages.createDiagnosticCollection("glad");
  const known = new Map<string, Known>();
  const of = (document: vscode.TextDocument): Known => {
    const key = String(document.uri);
    if (!known.has(key)) known.set(key, { findings: [], lookedAt: 0, stale: false });
    return known.get(key)!;
  };
  const kindOf = ({ uri }: vscode.TextDocument): FileKind | undefined =>
    uri.scheme === "file" ? kinds.find((kind) => kind.matches(uri.fsPath)) : undefined;

  /** Marks the text, and what was last found where the text says nothing wrong. True where it does not. */
  const mark = async (document: vscode.TextDocument, kind: FileKind): Promise<boolean> => {
    const text = document.getText();
    const wrong = await kind.problems(text, document.uri.fsPath);
    const { marksOf } = await import("./marks");
    // Changed meanwhile: it is looked at again.
    if (document.isClosed || document.getText() !== text) return false;
    collection.set(document.uri, marksOf(document, wrong, of(document)));
    return wrong.length === 0;
  };

  const check = async (document: vscode.TextDocument, kind: FileKind): Promise<void> => {
    const state = of(document);
    const text = document.getText();
    if (!vscode.workspace.isTrusted || (state.checked === text && !state.stale)) return;
    state.abort?.abort();
    const abort = (state.abort = new AbortController());
    const file = document.uri.fsPath;
    const options = { cwd: dirname(file), signal: abort.signal, input: text, quiet: true };
    const args = [...kind.command, file, "--stdin", "--json"];
    const { stdout } = await program.run(args, options);
    if (abort.signal.aborted || document.isClosed) return;
    state.checked = text;
    state.stale = false;
    state.lookedAt = Date.now();
    state.findings = JSON.parse(stdout) as ConfigFinding[];
    if (!document.isDirty) kind.checked?.(file, state.findings);
    await mark(document, kind);
  };

  const soon = (document: vscode.TextDocument, typing = false): void => {
    const kind = kindOf(document);
    if (!kind) return;
    const state = of(document);
    clearTimeout(state.timer);
    const tell = (error: unknown): void => output.warn(String(error));
    const checkSoon = async (): Promise<void> => {
      const { timer } = state;
      if (!(await mark(document, kind)) || state.timer !== timer) return;
      const wait = typing ? pause.named - pause.text : 0;
      state.timer = setTimeout(() => void check(document, kind).catch(tell), wait);
    };
    state.timer = setTimeout(() => void checkSoon().catch(tell), typing ? pause.text : 0);
  };

  /** Checks a text anew that names what was not there: somebody looks at it, who has perhaps put it there. */
  const lookAgain = (document: vscode.TextDocument | undefined): void => {
    const state = document && known.get(String(document.uri));
    if (!state?.findings.some((found) => found.state === "failed")) return;
    if (state.checked !== document!.getText() || Date.now() - state.lookedAt < patience) return;
    state.lookedAt = Date.now();
    state.stale = true;
    soon(document!);
  };

  const forget = ({ uri }: vscode.TextDocument): void => {
    const state = known.get(String(uri));
    clearTimeout(state?.timer);
    state?.abort?.abort();
    known.delete(String(uri));
    collection.delete(uri);
  };

  const refresh = (): void => {
    for (const state of known.values()) state.stale = true;
    vscode.workspace.textDocuments.forEach((document) => soon(document));
  };
  refresh();
  const heard = vscode.Disposable.from(
    collection,
    vscode.workspace.onDidOpenTextDocument((document) => soon(document)),
    vscode.workspace.onDidSaveTextDocument((document) => {
      // Files may have come or gone meanwhile.
      const state = known.get(String(document.uri));
      if (state) state.stale = true;
      soon(document);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => soon(document, true)),
    vscode.workspace.onDidCloseTextDocument(forget),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) lookAgain(vscode.window.activeTextEditor?.document);
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => lookAgain(editor?.document)),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) =>
      lookAgain(textEditor.document),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    ...kinds.flatMap((kind) => [
      vscode.languages.registerHoverProvider(
        { scheme: "file", pattern: kind.pattern },
        {
          async provideHover(document, position) {
            const { provideHover } = await import("./hover");
            return provideHover(document, position);
          },
        },
      ),
      vscode.languages.registerCodeActionsProvider(
        { scheme: "file", pattern: kind.pattern },
        {
          async provideCodeActions(document, range, { diagnostics }) {
            const { provideFixes } = await import("./fixes");
            return provideFixes(document, range, diagnostics, kind, of(document), places());
          },
        },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
      ),
    ]),
  );
  return {
    refresh,
    dispose() {
      heard.dispose();
      for (const { timer, abort } of known.values()) {
        clearTimeout(timer);
        abort?.abort();
      }
    },
  };
}
