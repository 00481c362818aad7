import { cudaEnvironment } from "./cudaEnvironment";

/**
 * The environment in which a trainer is to be started: `cudaEnvironment`, and MALLOC_MMAP_THRESHOLD_ (unless it is set), so that
 * glibc gives blocks of 1 MiB and more back to the system when they are freed. By itself it raises that limit to 32 MiB at the
 * first such block, and what sessions for training held stays with the process while it measures (ViT-B/16: 0.7 GB).
 */
export function trainerEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { MALLOC_MMAP_THRESHOLD_: String(2 ** 20), ...cudaEnvironment(env) };
}
