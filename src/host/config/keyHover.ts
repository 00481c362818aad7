import { findNodeAtOffset, getNodePath, type Node } from "jsonc-parser/lib/esm/main.js";
import { fieldAt } from "../../protocol/configFields";
import { type EditorField, editorSchema } from "../../protocol/editorSchema";
import { experimentEditorSchema } from "../../protocol/experimentEditorSchema";
import { jsonTree } from "../../protocol/jsonTree";
import { once } from "../../util/once";
import { isExperimentFile } from "../experiments/experimentFileName";

const schemas = { config: once(editorSchema), experiment: once(experimentEditorSchema) };

/**
 * What is said of the key at a place (in Markdown), where its value is missing or no JSON (`True`, 'text'): the editor, which explains
 * all others by our schemas, explains a key by its value.
 */
export function hoverOfKey(
  text: string,
  file: string,
  offset: number,
): { said: string; offset: number; length: number } | null {
  const tree = jsonTree(text);
  const key = tree && findNodeAtOffset(tree, offset, true);
  if (!key || key.parent?.type !== "property" || key.parent.children!.length > 1) return null;
  const schema = schemas[isExperimentFile(file) ? "experiment" : "config"]();
  const field: EditorField | undefined = fieldAt(pathOf(key), schema);
  const said = field?.markdownDescription;
  return said === undefined ? null : { said, offset: key.offset, length: key.length };
}

function pathOf(key: Node): (string | number)[] {
  return [...getNodePath(key.parent!.parent!), String(key.value)];
}
