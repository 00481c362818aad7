import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, open, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { UserError } from "../util/errors";
import { makeFolder } from "../util/makeFolder";
import { explainWriteError, isWriteError } from "../util/writeAtomically";
import { type HubClient, type RemoteFile } from "./hubClient";
import { networkReason } from "../util/networkReason";

/** How far a download is. Bytes that were there already count as done. */
export interface DownloadProgress {
  file: string;
  doneBytes: number;
  totalBytes: number;
}

export interface DownloadRequest {
  client: HubClient;
  commit: string;
  /** The repository's folder in the cache, which holds `blobs` and `snapshots`. */
  repository: string;
  /** The snapshot's folder, which gets links to the blobs. */
  folder: string;
  files: readonly RemoteFile[];
  onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Brings files of the hub into the cache: first beside their place as `blobs/<hash>.incomplete`, then, when their
 * length and hash are right, to `blobs/<hash>`, then as a link into the snapshot. What is there is not fetched again.
 */
export async function download(request: DownloadRequest): Promise<void> {
  for (const file of request.files) {
    const pointer = join(request.folder, file.path);
    // A link that leads nowhere does not exist.
    if (existsSync(pointer)) continue;
    const blob = join(request.repository, "blobs", file.hash);
    try {
      await makeFolder(dirname(blob));
      if (!existsSync(blob)) await fetchBlob(request, file, blob);
      await link(blob, pointer);
    } catch (error) {
      throw isWriteError(error) ? explainWriteError(error, pointer) : error;
    }
  }
}

async function fetchBlob(request: DownloadRequest, file: RemoteFile, blob: string): Promise<void> {
  const partial = `${blob}.incomplete`;
  const there = existsSync(partial) ? (await stat(partial)).size : 0;
  if (there > file.size) await rm(partial);
  let hash = await fetchRest(request, file, partial);
  if (hash !== file.hash && there > 0) {
    // What an earlier attempt left was not the beginning of this file.
    await rm(partial);
    hash = await fetchRest(request, file, partial);
  }
  if (hash !== file.hash) {
    await rm(partial);
    throw new UserError(
      `${file.path}: the downloaded file is not what the hub describes (its hash is ${hash} and not ${file.hash}); try again`,
    );
  }
  await rename(partial, blob);
}

/** Appends to a partial file what it lacks; returns the hash of the whole. */
async function fetchRest(
  { client, commit, onProgress }: DownloadRequest,
  file: RemoteFile,
  partial: string,
): Promise<string> {
  const hash = hashOf(file);
  let done = 0;
  if (existsSync(partial)) {
    for await (const part of createReadStream(partial) as AsyncIterable<Buffer>) {
      hash.update(part);
      done += part.length;
    }
  }
  const report = (): void =>
    onProgress?.({ file: file.path, doneBytes: done, totalBytes: file.size });
  const handle = await open(partial, "a");
  try {
    report();
    if (done < file.size) {
      for await (const part of await client.read(commit, file.path, done)) {
        await handle.writeFile(part);
        hash.update(part);
        done += part.length;
        report();
      }
    }
    await handle.sync();
  } catch (error) {
    if (error instanceof UserError || isWriteError(error)) throw error;
    throw brokenOff(file, done, networkReason(error));
  } finally {
    await handle.close();
  }
  if (done < file.size) throw brokenOff(file, done, "the connection was closed");
  return hash.digest("hex");
}

function brokenOff(file: RemoteFile, done: number, reason: string): UserError {
  return new UserError(
    `${file.path}: the download broke off after ${done} of ${file.size} bytes (${reason}); repeat the command to go on from there`,
  );
}

/** Large files have a SHA-256; small ones git's SHA-1, which begins with their length. */
function hashOf(file: RemoteFile): Hash {
  if (file.hash.length === 64) return createHash("sha256");
  return createHash("sha1").update(`blob ${file.size}\0`);
}

/** A relative link, as Python makes it; a copy where links are not allowed (Windows without developer mode). */
async function link(blob: string, pointer: string): Promise<void> {
  await makeFolder(dirname(pointer));
  await rm(pointer, { force: true });
  try {
    await symlink(relative(dirname(pointer), blob), pointer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    const temporary = `${pointer}.${process.pid}.tmp`;
    await copyFile(blob, temporary);
    await rename(temporary, pointer);
  }
}
