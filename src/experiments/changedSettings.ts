import { type Config, configSchema } from "../protocol/config";
import { once } from "../util/once";

const defaults = once(() => numericSettings(configSchema.parse({})));

/** The settings of a run, by dotted name, that its numbers depend on and that are not the defaults. */
export function changedSettings(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(numericSettings(config)).filter(
      ([name, value]) => !same(value, defaults()[name]),
    ),
  );
}

/** The default of a setting that numbers depend on. */
export function defaultOf(name: string): unknown {
  return defaults()[name];
}

/** Whether two values of a setting are the same. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What numbers depend on beside the images, the model, the seed and what an experiment gives to its runs. */
function numericSettings({ data, lora, glad, optimizer, training, evaluation }: Config) {
  const { order, list, skipUnreadable } = data;
  const { steps, batchSize, precision, augment } = training;
  const sections = {
    data: { order, list, skipUnreadable },
    lora,
    glad,
    optimizer,
    training: { steps, batchSize, precision, augment },
    evaluation: { earlyStop: evaluation.earlyStop },
  };
  const dotted = Object.entries(sections).flatMap(([section, settings]) =>
    Object.entries(settings).map(([key, value]): [string, unknown] => [`${section}.${key}`, value]),
  );
  return Object.fromEntries(dotted);
}
