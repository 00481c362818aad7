import { configJsonSchema, type Field, fieldAt } from "./configFields";
import { type EditorField, explained, hoverText } from "./editorSchema";
import { experimentJsonSchema } from "./experiment";
import { experimentRecipes, methodPieces, slurmPiece } from "./experimentRecipes";
import { sweptNames } from "./experimentSettings";
import { dataSetNames } from "./recipes";

/**
 * The JSON schema of an experiment file for an editor: settings of runs are completed and explained as in glad.json,
 * data sets and settings of a sweep are proposed by name.
 */
export function experimentEditorSchema(): EditorField {
  const schema = explained(experimentJsonSchema());
  const properties = schema.properties!;
  const settings = explained(configJsonSchema()).properties!;
  properties.config = withSettings(properties.config!, settings);
  for (const list of [properties.datasets!, properties.targets!]) proposeSets(list);
  proposeSets(properties.source!);
  const method = properties.methods!.items as EditorField;
  method.defaultSnippets = methodPieces;
  const own = method.anyOf!.find((part) => part.properties)!.properties!;
  own.set = withSettings(own.set!, settings);
  own.sweep = { ...own.sweep!, properties: sweptSettings() };
  const slurm = properties.executor!;
  slurm.defaultSnippets = [slurmPiece, { label: "local", body: { kind: "local" } }];
  return {
    ...schema,
    allowComments: true,
    allowTrailingCommas: true,
    defaultSnippets: experimentRecipes,
  };
}

function withSettings(field: EditorField, properties: Record<string, EditorField>): EditorField {
  return { ...field, properties };
}

/** Proposes the published data sets wherever a name of one stands within a field. */
function proposeSets(field: EditorField): void {
  if (field.properties?.dataset) field.properties.dataset.examples = [...dataSetNames, "folder"];
  else if (field.type === "string") field.examples = dataSetNames;
  for (const part of [...(field.anyOf ?? []), field.items]) if (part) proposeSets(part);
}

/** Every setting that can be swept, by its dotted name, as the list of values that a sweep goes through. */
function sweptSettings(): Record<string, EditorField> {
  return Object.fromEntries(
    sweptNames().map((name) => {
      const field: Field = fieldAt(name.split("."))!;
      const { description: _said, default: _usual, ...items } = field;
      const markdownDescription = hoverText(field, name);
      return [name, { type: "array", items, minItems: 1, markdownDescription }];
    }),
  );
}
