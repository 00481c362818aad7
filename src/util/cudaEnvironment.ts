import { createHash } from "node:crypto";
import { existsSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { makeFolderSync } from "./makeFolder";

/** The libraries that onnxruntime-node does not bring; they come with NuGet's and PyPI's GPU packages. */
const providerLibraries = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

/** Where libraries lie below a folder that was unpacked from NuGet, installed by pip, or filled by hand. */
const libraryFolders = [
  ".",
  "lib",
  "lib64",
  "capi",
  "onnxruntime/capi",
  "runtimes/linux-x64/native",
];

/**
 * The environment in which a child process that computes is to be started: `env` with
 * - NVIDIA_TF32_OVERRIDE=0 (unless it is set), so that CUDA multiplies float32 as float32 and not with 10 bits of mantissa;
 * - CUDA_DEVICE_ORDER=PCI_BUS_ID (unless it is set), so that cuda:1 is the GPU that nvidia-smi lists as 1;
 * - on Linux, where GLAD_CUDA_PATH names folders with onnxruntime's CUDA provider, CUDA and cuDNN: LD_LIBRARY_PATH.
 *
 * onnxruntime looks for its provider beside itself only. So a folder of links is made in the user's cache, which holds
 * the installed onnxruntime and the user's provider side by side, and it comes first in LD_LIBRARY_PATH.
 */
export function cudaEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {
    NVIDIA_TF32_OVERRIDE: "0",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    ...env,
  };
  const named = (env.GLAD_CUDA_PATH ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length === 0 || process.platform !== "linux") return result;
  const folders = named.flatMap((path) => foldersWithLibraries(resolve(path)));
  const libraries = providerLibraries.flatMap(
    (name) => folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? [],
  );
  // Without them nothing is gained; who asks for CUDA hears from the probe which library is missing.
  if (libraries.length < providerLibraries.length) return result;
  const paths = [linkFolder([installedLibrary(), ...libraries], env), ...folders];
  const before = (env.LD_LIBRARY_PATH ?? "").split(":").filter((path) => path !== "");
  result.LD_LIBRARY_PATH = [...new Set([...paths, ...before])].join(":");
  return result;
}

/** The folder itself and those below it that hold shared libraries, `nvidia/<part>/lib` of pip among them. */
function foldersWithLibraries(root: string): string[] {
  const pip = entries(join(root, "nvidia")).map((part) => `nvidia/${part}/lib`);
  return [...libraryFolders, ...pip]
    .map((below) => join(root, below))
    .filter((folder) => entries(folder).some((name) => /\.so(\.|$)/.test(name)));
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The onnxruntime that Node's binding loads. */
function installedLibrary(): string {
  const require = createRequire(join(__dirname, "x.js"));
  const main = require.resolve("onnxruntime-node");
  const folder = join(dirname(main), "../bin/napi-v6", process.platform, process.arch);
  return join(folder, "libonnxruntime.so.1");
}

/** A folder in the user's cache with links to `files`; made once for each set of files. */
function linkFolder(files: readonly string[], env: NodeJS.ProcessEnv): string {
  const cache = env.XDG_CACHE_HOME ? resolve(env.XDG_CACHE_HOME) : join(homedir(), ".cache");
  const key = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16);
  const folder = join(cache, "glad", `cuda-${key}`);
  if (files.every((file) => linksTo(join(folder, baseName(file)), file))) return folder;
  // Made beside and renamed, so that a process that starts meanwhile never sees half of it.
  const temporary = `${folder}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  makeFolderSync(temporary);
  for (const file of files) symlinkSync(file, join(temporary, baseName(file)));
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return folder;
}

function linksTo(link: string, file: string): boolean {
  try {
    return readlinkSync(link) === file;
  } catch {
    return false;
  }
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}
