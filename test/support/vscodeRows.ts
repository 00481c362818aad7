/** What the trees' rows take of the editor; `vi.mock("vscode", () => import("../support/vscodeRows"))`. A real one is in test/vscode. */
export const l10n = {
  t: (text: string, ...values: unknown[]): string =>
    text.replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)])),
};

export class TreeItem {
  constructor(readonly label: string) {}
}

export class ThemeIcon {
  constructor(readonly id: string) {}
}

export class ThemeColor {}

export const TreeItemCollapsibleState = {};

export const env = { language: "en" };

export const workspace = { asRelativePath: (path: string): string => path };
