import { spawn } from "node:child_process";
import { cudaEnvironment } from "../util/cudaEnvironment";
import { nativeReason } from "../util/nativeReason";
import { programFile } from "../util/programs";
import { type Device, deviceName } from "./device";
import type { Precision } from "./probeGraphs";

export interface ProbeRequest {
  device: Device;
  precision: Precision;
}

/** What the child says: its rate, or what went wrong (not `final`: standard error may say it better). */
export type ProbeAnswer =
  { ok: true; gigaflops: number } | { ok: false; reason: string; final: boolean };

/** What a probe found out about one device. */
export interface Probed {
  device: Device;
  /** It opened, ran a product with no node left to the CPU, and the result was right. */
  ok: boolean;
  /** Why it does not work, in a few words; empty when it does. */
  reason: string;
  /** Rate of a matrix product, 10^9 operations a second; null when it does not work. */
  gigaflops: number | null;
  /** How long the probe took. */
  milliseconds: number;
}

export interface ProbeOptions {
  /** A driver that hangs counts as not working after this time. */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
  /** The bundled child program. */
  program?: string;
}

/**
 * Tries devices, each in a throw-away child process of its own, all at once: a library that is missing, a driver that
 * hangs or a crash become reasons. The rates of devices that share a processor are disturbed by each other, so a caller
 * who compares rates with the CPU's probes the CPU alone.
 */
export function probeDevices(
  requests: readonly ProbeRequest[],
  options: ProbeOptions = {},
): Promise<Probed[]> {
  return Promise.all(requests.map((request) => probe(request, options)));
}

async function probe(request: ProbeRequest, options: ProbeOptions): Promise<Probed> {
  const { timeoutMs = 10_000, env = process.env, program = programFile("probe.js") } = options;
  const start = performance.now();
  const ended = await runChild(program, request, cudaEnvironment(env), timeoutMs);
  const milliseconds = performance.now() - start;
  const answer = parseAnswer(ended.stdout);
  if (answer?.ok)
    return {
      device: request.device,
      ok: true,
      reason: "",
      gigaflops: answer.gigaflops,
      milliseconds,
    };
  const reason = ended.timedOut
    ? `no answer within ${timeoutMs / 1000} s`
    : answer?.final
      ? answer.reason
      : whyNot(answer?.reason ?? `the probe ended with ${ended.how}`, ended.stderr);
  return { device: request.device, ok: false, reason, gigaflops: null, milliseconds };
}

/** The reason from what was thrown and what the native libraries printed. */
function whyNot(thrown: string, stderr: string): string {
  const known = nativeReason(stderr) ?? nativeReason(thrown);
  if (known !== null) return known;
  const lines = stderr.split("\n").map((line) => line.trim());
  const last = lines.filter((line) => /error|fail|warning/i.test(line)).at(-1);
  const said = thrown.trim().split("\n")[0]!;
  return last === undefined ? said : `${said} (${last.slice(0, 200)})`;
}

function parseAnswer(stdout: string): ProbeAnswer | null {
  // Drivers may print to standard output too; the answer is the last line.
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as ProbeAnswer;
  } catch {
    return null;
  }
}

interface Ended {
  stdout: string;
  stderr: string;
  /** `signal SIGSEGV` or `exit code 3`. */
  how: string;
  timedOut: boolean;
}

function runChild(
  program: string,
  request: ProbeRequest,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(request)], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr, timedOut] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`${deviceName(request.device)}: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve({ stdout, stderr, how, timedOut });
    });
  });
}
