import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { hfWeights, openClipWeights, snapshotLayout } from "./snapshot";
import { hasWeights, optionalJson } from "./weightFiles";

/** Where the hub is and what may be asked of it, from the variables that Hugging Face's own tools know. */
export interface HubSettings {
  /** Folder of downloaded repositories. */
  cache: string;
  /** Address of the hub without a slash at the end. */
  endpoint: string;
  token: string | null;
  /** Nothing may be asked over the network. */
  offline: boolean;
}

/** Reads HF_HUB_CACHE, HF_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and their like, as huggingface_hub does. */
export function hubSettings(env: NodeJS.ProcessEnv): HubSettings {
  const home = env.HOME || homedir();
  const path = (value: string): string =>
    resolve(/^~(?=[\\/]|$)/.test(value) ? join(home, value.slice(1)) : value);
  const hfHome = path(
    env.HF_HOME || join(env.XDG_CACHE_HOME || join(home, ".cache"), "huggingface"),
  );
  const tokenFile = path(env.HF_TOKEN_PATH || join(hfHome, "token"));
  const token = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || contentOf(tokenFile);
  const isOn = (value = ""): boolean => ["1", "on", "yes", "true"].includes(value.toLowerCase());
  return {
    cache: path(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hfHome, "hub")),
    endpoint: (env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    token: token.trim() || null,
    offline: isOn(env.HF_HUB_OFFLINE) || isOn(env.TRANSFORMERS_OFFLINE),
  };
}

function contentOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** The folder of a hub model's repository in the cache. */
export function repositoryFolder(name: string, { cache }: HubSettings): string {
  return join(cache, `models--${name.replace("/", "--")}`);
}

/**
 * The folder of a model that is named by a folder or by a hub id. A hub id is looked for in the user's Hugging Face
 * cache, where Python's tools and `glad model pull` put models. Throws a UserError that says how to get the model.
 */
export function resolveModel(name: string, env: NodeJS.ProcessEnv = process.env): string {
  if (existsSync(name) && statSync(name).isDirectory()) return resolve(name);
  if (!isHubId(name)) {
    throw new UserError(
      `${name}: there is no such model folder; check the path, or name a model of the hub as owner/name`,
    );
  }
  const settings = hubSettings(env);
  const complete = completeSnapshot(name, settings);
  if (complete !== null) return complete;
  const [partial] = cachedSnapshots(name, settings);
  const state =
    partial === undefined
      ? `is no folder and not in the Hugging Face cache ${settings.cache}`
      : `is only in part in the Hugging Face cache (${missingFrom(partial)!} is missing in ${partial})`;
  throw new UserError(`${name}: ${state}; download it with \`glad model pull ${name}\``);
}

/** The folder of a hub model in the cache where it is complete there; null where it is not. */
export function completeSnapshot(name: string, settings: HubSettings): string | null {
  return cachedSnapshots(name, settings).find((folder) => missingFrom(folder) === null) ?? null;
}

/** Whether a text has the form of a model's name on the hub, `owner/name` or `name`. */
export function isHubId(name: string): boolean {
  const part = "[A-Za-z0-9_][A-Za-z0-9._-]*";
  return new RegExp(`^${part}(/${part})?$`).test(name) && !/--|\.\./.test(name);
}

/** What a model folder still lacks before it can be opened, or null where nothing is missing. */
export function missingFrom(folder: string): string | null {
  const layout = snapshotLayout(folder);
  if (layout === "Hugging Face" && !existsSync(join(folder, "config.json"))) return "config.json";
  const weights = layout === "OpenCLIP" ? openClipWeights : hfWeights;
  if (!hasWeights(folder, weights)) return weights;
  if (existsSync(join(folder, weights))) return null;
  return shardFiles(folder, weights).find((file) => !existsSync(join(folder, file))) ?? null;
}

/** The files that the index of sharded weights names. */
export function shardFiles(folder: string, weights: string): string[] {
  const index = optionalJson(join(folder, `${weights}.index.json`));
  const map = (index as { weight_map?: Record<string, string> } | null)?.weight_map ?? {};
  return [...new Set(Object.values(map))].filter((file) => typeof file === "string").sort();
}

/** The model's snapshots in the cache: that of the main branch first, then those of other branches and pull requests. */
function cachedSnapshots(name: string, settings: HubSettings): string[] {
  const repository = repositoryFolder(name, settings);
  const refs = join(repository, "refs");
  if (!existsSync(refs)) return [];
  const all = readdirSync(refs, { recursive: true, encoding: "utf8" })
    .filter((ref) => statSync(join(refs, ref)).isFile())
    .sort();
  const commits = ["main", ...all.filter((ref) => ref !== "main")].map((ref) =>
    contentOf(join(refs, ref)).trim(),
  );
  return [...new Set(commits)]
    .filter((commit) => commit !== "")
    .map((commit) => join(repository, "snapshots", commit))
    .filter((folder) => existsSync(folder));
}
