import { join } from "node:path";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { writeAtomically } from "../util/writeAtomically";
import { parseHfConfig } from "./hfConfig";
import {
  completeSnapshot,
  hubSettings,
  isHubId,
  missingFrom,
  repositoryFolder,
  shardFiles,
} from "./hub";
import { type HubClient, hubClient, type RemoteFile } from "./hubClient";
import { download, type DownloadProgress } from "./hubDownload";
import { parseOpenClipConfig } from "./openClipConfig";
import {
  hfWeights,
  openClipConfigFile,
  openClipWeights,
  smallFiles,
  snapshotLayout,
} from "./snapshot";

/** Title and author of the pull requests in which Hugging Face offers safetensors for older models. */
const conversion = { title: "Adding `safetensors` variant of this model", author: "SFconvertbot" };

/**
 * Downloads a model from the hub into the user's Hugging Face cache, in the layout of Python's huggingface_hub: only
 * the files that are needed, each complete or absent, and those that are there are not fetched again. A broken download
 * goes on where it stopped when the command is repeated. Offline, a model that is complete in the cache is taken as it is. Returns
 * the model's folder.
 */
export async function pullModel(
  name: string,
  options: { env?: NodeJS.ProcessEnv; onProgress?: (progress: DownloadProgress) => void } = {},
): Promise<string> {
  const settings = hubSettings(options.env ?? process.env);
  if (!isHubId(name)) {
    throw new UserError(`${name}: is not the name of a model on the hub; expected owner/name`);
  }
  if (settings.offline) {
    const there = completeSnapshot(name, settings);
    if (there !== null) return there;
    throw new UserError(
      `${name}: nothing can be downloaded while HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set; unset it, or bring the model's folder by hand`,
    );
  }
  const client = await hubClient(name, settings);
  const pull = { name, client, repository: repositoryFolder(name, settings), ...options };
  return (await pullRevision(pull, "main")) ?? (await pullConversion(pull));
}

interface Pull {
  name: string;
  client: HubClient;
  repository: string;
  onProgress?: (progress: DownloadProgress) => void;
}

/** The model's folder at a revision, or null where its repository has no safetensors there. */
async function pullRevision(pull: Pull, revision: string): Promise<string | null> {
  const { client, repository } = pull;
  const commit = await client.commitOf(revision);
  const listed = await client.list(commit);
  const entries = new Map(listed.map((entry) => [entry.path, entry]));
  const folder = join(repository, "snapshots", commit);
  const fetch = async (names: readonly string[]): Promise<void> => {
    const files = names.map((file) => requireEntry(entries, file, pull.name));
    await download({ client, commit, repository, folder, files, onProgress: pull.onProgress });
  };
  await fetch(smallFiles.filter((file) => entries.has(file)));
  const weights = weightsOf(folder, entries, pull.name);
  if (weights === null) return null;
  if (entries.has(weights)) await fetch([weights]);
  else {
    await fetch([`${weights}.index.json`]);
    await fetch(shardFiles(folder, weights));
  }
  const missing = missingFrom(folder);
  if (missing !== null) throw new UserError(`${pull.name}: its repository holds no ${missing}`);
  // Last, so that nobody is led to a snapshot that is not complete.
  await writeAtomically(join(repository, "refs", revision), (file) => file.writeFile(commit));
  return folder;
}

/** The name of the weights to fetch; null where there are none. A model that is no CLIP is refused before its weights. */
function weightsOf(
  folder: string,
  entries: ReadonlyMap<string, RemoteFile>,
  name: string,
): string | null {
  const offered = (weights: string): boolean =>
    entries.has(weights) || entries.has(`${weights}.index.json`);
  if (!entries.has("config.json") && !entries.has(openClipConfigFile)) {
    throw new UserError(
      `${name}: its repository holds neither config.json nor ${openClipConfigFile}, so it is no CLIP; choose another model`,
    );
  }
  // The weights are not in the folder yet.
  if (snapshotLayout(folder, offered(hfWeights)) === "OpenCLIP") {
    parseOpenClipConfig(jsonOf(folder, openClipConfigFile), `${openClipConfigFile} of ${name}`);
    return offered(openClipWeights) ? openClipWeights : null;
  }
  parseHfConfig(jsonOf(folder, "config.json"), `config.json of ${name}`);
  return offered(hfWeights) ? hfWeights : null;
}

function jsonOf(folder: string, name: string): unknown {
  const file = join(folder, name);
  return parseJsonText(readTextFile(file, "the model's settings"), file);
}

function requireEntry(
  entries: ReadonlyMap<string, RemoteFile>,
  file: string,
  name: string,
): RemoteFile {
  const entry = entries.get(file);
  if (!entry)
    throw new UserError(`${name}: its repository holds no ${file}, which its index names`);
  return entry;
}

/** Older models offer safetensors only in a pull request by Hugging Face's own converter, where transformers finds them too. */
async function pullConversion(pull: Pull): Promise<string> {
  const number = await pull.client.pullRequest(conversion);
  const folder = number === null ? null : await pullRevision(pull, `refs/pr/${number}`);
  if (folder !== null) return folder;
  throw new UserError(
    `${pull.name}: its repository holds no weights as safetensors; save them so with Python (CLIPModel.from_pretrained("${pull.name}").save_pretrained(FOLDER)) and name that folder`,
  );
}
