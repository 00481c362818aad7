import { messageOf } from "../util/errors";
import { engineThreads } from "./memory";
import type { ProbeAnswer, ProbeRequest } from "./probe";
import { checkGraph, checkSize, rateGraph } from "./probeGraphs";
import {
  type HostTensor,
  openSession,
  type Session,
  type SessionOptions,
  supportedBackends,
} from "./session";

/**
 * Entry of the throw-away child that tries one device: the request comes as the only argument in JSON, the answer goes
 * to standard output in JSON. What the native libraries say goes to standard error, which the parent reads.
 */

/** A check slower than this is a processor emulated in software: measuring it further would take seconds. */
const slowMilliseconds = 20;

async function answer({ device, precision }: ProbeRequest): Promise<ProbeAnswer> {
  const known = supportedBackends();
  if (!known.includes(device.kind)) {
    const system = `${process.platform} ${process.arch}`;
    return {
      ok: false,
      reason: `onnxruntime for ${system} has only ${known.join(", ")}`,
      final: true,
    };
  }
  const options: SessionOptions = {
    device,
    threads: engineThreads(),
    refuseCpuFallback: device.kind !== "cpu",
  };
  const check = checkGraph(precision);
  const session = await openSession(check.model, options);
  const { y } = await session.run(check.feeds);
  if (!sameBits(y!, check.expected))
    return { ok: false, reason: "its product of two small matrices is wrong", final: true };
  // The second run: the first one compiled the device's programs.
  let milliseconds = await time(session, check.feeds);
  let rate = gigaflops(2 * checkSize ** 3, milliseconds);
  for (const [size, depth] of [
    [1024, 1],
    [2048, 8],
  ] as const) {
    if (milliseconds > slowMilliseconds || (depth > 1 && milliseconds > 4)) break;
    const { model, feeds, flops } = rateGraph(precision, size, depth);
    const larger = await openSession(model, options);
    await larger.run(feeds);
    milliseconds = Math.min(await time(larger, feeds), await time(larger, feeds));
    rate = gigaflops(flops, milliseconds);
  }
  return { ok: true, gigaflops: rate };
}

async function time(session: Session, feeds: Record<string, HostTensor>): Promise<number> {
  const start = performance.now();
  await session.run(feeds);
  return performance.now() - start;
}

function gigaflops(flops: number, milliseconds: number): number {
  return flops / milliseconds / 1e6;
}

function sameBits({ data }: HostTensor, expected: HostTensor["data"]): boolean {
  return data.length === expected.length && data.every((value, i) => value === expected[i]);
}

void answer(JSON.parse(process.argv[2]!) as ProbeRequest)
  .catch((error: unknown): ProbeAnswer => ({ ok: false, reason: messageOf(error), final: false }))
  .then((result) => {
    // No sessions are released: some drivers crash on the way out, and the process ends here anyway.
    process.stdout.write(JSON.stringify(result) + "\n", () => process.exit(0));
  });
