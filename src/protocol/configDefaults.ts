import { configSchema } from "./config";
import { flattenConfig } from "./flatConfig";
import type { FlatConfig } from "./page";

/** The defaults of all settings, flat. */
export function configDefaults(): FlatConfig {
  return flattenConfig(configSchema.parse({ data: {} }));
}
