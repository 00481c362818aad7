import type { Command } from "commander";
import type { AddressReport } from "../protocol/dataReport";

/** Adds `glad data addresses`: where the published data sets are to be had, and whether that is still so. */
export function registerAddresses(data: Command): void {
  data
    .command("addresses")
    .description("say where to get data sets")
    .argument("[names...]", "data sets, e.g. caltech101 (default: all)")
    .option("--try", "ask each address whether it is still there; nothing is downloaded")
    .option("--json", "print them as one JSON object")
    .action(addresses);
}

async function addresses(names: string[], options: { try?: boolean; json?: boolean }) {
  const { describeSource, tryAddresses } = await import("../data/addresses");
  const { dataSets, findDataSet } = await import("../data/sets/index");
  const chosen = names.length === 0 ? dataSets : names.map((name) => findDataSet(name, "names"));
  const sets = chosen.map(describeSource);
  const recorded: AddressReport = { tried: null, sets };
  const { addressReport } = await import("./dataReport");
  const asked = options.try ? tryAddresses(sets) : Promise.resolve(recorded);
  const report = await asked.catch((error: unknown) => {
    // Where nobody could be asked, what is recorded is still worth knowing.
    if (!options.json) process.stdout.write(addressReport(recorded));
    throw error;
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(report, null, 2)}\n` : addressReport(report),
  );
}
