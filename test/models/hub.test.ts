import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hubSettings, isHubId, resolveModel } from "../../src/models/hub";
import type { DownloadProgress } from "../../src/models/hubDownload";
import { pullModel } from "../../src/models/hubPull";
import { openSnapshot } from "../../src/models/snapshot";
import { UserError } from "../../src/util/errors";
import { commitOf, modelName, startHub, type TestHub } from "../support/hubServer";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

test("finds the cache, the token and the hub where Hugging Face's own tools do", () => {
  const home = temporaryFolder({ "token-file": "from file\n" });
  expect(hubSettings({ HOME: home })).toEqual({
    cache: join(home, ".cache/huggingface/hub"),
    endpoint: "https://huggingface.co",
    token: null,
    offline: false,
  });
  expect(hubSettings({}).cache).toBe(join(homedir(), ".cache/huggingface/hub"));
  const cacheOf = (env: NodeJS.ProcessEnv) => hubSettings({ HOME: home, ...env }).cache;
  expect(cacheOf({ XDG_CACHE_HOME: "/x" })).toBe("/x/huggingface/hub");
  expect(cacheOf({ XDG_CACHE_HOME: "/x", HF_HOME: "/h" })).toBe("/h/hub");
  expect(cacheOf({ HF_HOME: "~/h" })).toBe(join(home, "h/hub"));
  expect(cacheOf({ HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/g" })).toBe("/g");
  expect(cacheOf({ HUGGINGFACE_HUB_CACHE: "/g", HF_HUB_CACHE: "/c" })).toBe("/c");
  const tokenOf = (env: NodeJS.ProcessEnv) => hubSettings({ HOME: home, ...env }).token;
  expect(tokenOf({ HF_TOKEN_PATH: join(home, "token-file") })).toBe("from file");
  expect(tokenOf({ HF_TOKEN_PATH: join(home, "token-file"), HF_TOKEN: "t" })).toBe("t");
  writeFiles(home, { ".cache/huggingface/token": "default" });
  expect(tokenOf({})).toBe("default");
  expect(hubSettings({ HF_ENDPOINT: "http://mirror/" }).endpoint).toBe("http://mirror");
  expect(hubSettings({ HF_HUB_OFFLINE: "1" }).offline).toBe(true);
  expect(hubSettings({ HF_HUB_OFFLINE: "0" }).offline).toBe(false);
  expect(hubSettings({ TRANSFORMERS_OFFLINE: "True" }).offline).toBe(true);
});

test("tells hub ids from paths", () => {
  for (const name of ["openai/clip-vit-base-patch16", "gpt2", "a_b/c.d-e"])
    expect(isHubId(name)).toBe(true);
  for (const name of ["./a", "../a/b", "/a/b", "a/b/c", "~/a", "a\\b", "C:/x", "a--b/c", ""])
    expect(isHubId(name)).toBe(false);
});

/** A tiny model's files by name. */
async function tinyFiles(): Promise<Record<string, Uint8Array>> {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Puts files into a cache as Python's huggingface_hub does. */
function fillCache(cache: string, ref: string, files: Record<string, Uint8Array>): string {
  const repository = join(cache, "models--owner--tiny-clip");
  const commit = commitOf(ref);
  const snapshot = join(repository, "snapshots", commit);
  mkdirSync(snapshot, { recursive: true });
  writeFiles(repository, { [`refs/${ref}`]: commit });
  for (const [name, content] of Object.entries(files)) {
    writeFiles(repository, { [`blobs/${name}-blob`]: content });
    symlinkSync(`../../blobs/${name}-blob`, join(snapshot, name));
  }
  return snapshot;
}

test("takes a folder, or a hub id that is in the cache", async () => {
  const files = await tinyFiles();
  const cache = temporaryFolder();
  const env = { HF_HUB_CACHE: cache };
  expect(resolveModel(cache, env)).toBe(cache);
  const snapshot = fillCache(cache, "main", files);
  expect(resolveModel(modelName, env)).toBe(snapshot);
  expect((await openSnapshot(snapshot)).tensors.size).toBe(78);
});

test("takes the pull request that Python's transformers took its weights from", async () => {
  const files = await tinyFiles();
  const cache = temporaryFolder();
  const { "model.safetensors": _, ...small } = files;
  fillCache(cache, "main", { ...small, "pytorch_model.bin": Buffer.of(1) });
  const snapshot = fillCache(cache, "refs/pr/3", files);
  expect(resolveModel(modelName, { HF_HUB_CACHE: cache })).toBe(snapshot);
});

test("says how to get a model that is not there, or only in part", async () => {
  const cache = temporaryFolder();
  const resolve = (name: string) => () => resolveModel(name, { HF_HUB_CACHE: cache });
  expect(resolve(modelName)).toThrow(UserError);
  expect(resolve(modelName)).toThrow(
    `${modelName}: is no folder and not in the Hugging Face cache ${cache}; download it with \`glad model pull ${modelName}\``,
  );
  expect(resolve("./models/clip")).toThrow(/\.\/models\/clip: there is no such model folder/);
  const files = await tinyFiles();
  const snapshot = fillCache(cache, "main", files);
  rmSync(join(cache, "models--owner--tiny-clip/blobs/model.safetensors-blob"));
  expect(resolve(modelName)).toThrow(/only in part .*\(model\.safetensors is missing in .*pull/);
  rmSync(join(snapshot, "config.json"));
  expect(resolve(modelName)).toThrow(/\(config\.json is missing/);
});

/** The environment of somebody whose hub is the test's and whose cache is empty. */
function environment(hub: TestHub, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const home = temporaryFolder();
  return { HOME: home, HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(home, "hub"), ...more };
}

/** All files below a folder, links with where they lead. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const target = entry.isSymbolicLink() ? ` -> ${readlinkSync(path)}` : "";
      return path.slice(folder.length + 1) + target;
    })
    .sort();
}

test("downloads what is needed into the layout of Python's cache, and nothing twice", async () => {
  const files = await tinyFiles();
  const others = { "README.md": Buffer.from("x"), "tf_model.h5": Buffer.from("x") };
  const hub = await startHub({ revisions: { main: { ...files, ...others } } });
  const env = environment(hub);
  const progress: DownloadProgress[] = [];
  const folder = await pullModel(modelName, { env, onProgress: (p) => progress.push(p) });
  expect(resolveModel(modelName, env)).toBe(folder);
  expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  for (const [name, content] of Object.entries(files)) {
    expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
    expect(readlinkSync(join(folder, name))).toMatch(
      /^\.\.\/\.\.\/blobs\/([0-9a-f]{40}|[0-9a-f]{64})$/,
    );
  }
  const size = files["model.safetensors"]!.length;
  expect(progress.at(-1)).toEqual({
    file: "model.safetensors",
    doneBytes: size,
    totalBytes: size,
  });
  expect(progress.filter(({ file }) => file === "model.safetensors")[0]!.doneBytes).toBe(0);
  const cached = listing(env.HF_HUB_CACHE!);
  expect(cached.filter((path) => path.includes("/refs/"))).toEqual([
    "models--owner--tiny-clip/refs/main",
  ]);
  expect(cached.filter((path) => /incomplete|tmp/.test(path))).toEqual([]);
  hub.requests.length = 0;
  expect(await pullModel(modelName, { env })).toBe(folder);
  expect(hub.requests.filter((request) => request.includes("/resolve/"))).toEqual([]);
});

test("goes on where a broken download stopped, and leaves nothing half-written", async () => {
  const files = await tinyFiles();
  const hub = await startHub({
    revisions: { main: files },
    breakAfter: { "model.safetensors": [100_000, 50_000] },
  });
  const env = environment(hub);
  for (const done of [100_000, 150_000]) {
    const pull = pullModel(modelName, { env });
    await expect(pull).rejects.toThrow(UserError);
    await expect(pull).rejects.toThrow(
      new RegExp(
        `model\\.safetensors: the download broke off after ${done} of \\d+ bytes .*repeat`,
      ),
    );
    expect(() => resolveModel(modelName, env)).toThrow(/download it with `glad model pull/);
    const links = listing(env.HF_HUB_CACHE!).filter((path) => path.includes("/snapshots/"));
    expect(links.some((path) => path.includes("model.safetensors"))).toBe(false);
  }
  const folder = await pullModel(modelName, { env });
  expect(hub.requests.at(-1)).toMatch(/model\.safetensors bytes=150000-/);
  expect(readFileSync(join(folder, "model.safetensors")).equals(files["model.safetensors"]!)).toBe(
    true,
  );
});

test("starts again where the partial file is of another content", async () => {
  const files = await tinyFiles();
  const hub = await startHub({
    revisions: { main: files },
    breakAfter: { "model.safetensors": [100_000] },
  });
  const env = environment(hub);
  await expect(pullModel(modelName, { env })).rejects.toThrow(/broke off/);
  const [partial] = listing(env.HF_HUB_CACHE!).filter((path) => path.endsWith(".incomplete"));
  writeFiles(env.HF_HUB_CACHE!, { [partial!]: "something else" });
  const folder = await pullModel(modelName, { env });
  expect(readFileSync(join(folder, "model.safetensors")).equals(files["model.safetensors"]!)).toBe(
    true,
  );
});

test("keeps no file whose bytes are not what the hub describes", async () => {
  for (const name of ["model.safetensors", "config.json"]) {
    const hub = await startHub({ revisions: { main: await tinyFiles() }, damaged: [name] });
    const env = environment(hub);
    const pull = pullModel(modelName, { env });
    await expect(pull).rejects.toThrow(/the downloaded file is not what the hub describes/);
    expect(listing(env.HF_HUB_CACHE!).filter((path) => path.includes(name))).toEqual([]);
    expect(() => resolveModel(modelName, env)).toThrow(UserError);
  }
});

test("downloads weights in shards", async () => {
  const { "model.safetensors": weights, ...small } = await tinyFiles();
  const index = { weight_map: { a: "model-00001-of-00002.safetensors", b: "model-2.safetensors" } };
  const hub = await startHub({
    revisions: {
      main: {
        ...small,
        "model.safetensors.index.json": Buffer.from(JSON.stringify(index)),
        "model-00001-of-00002.safetensors": weights!,
        "model-2.safetensors": Buffer.from("second"),
      },
    },
  });
  const folder = await pullModel(modelName, { env: environment(hub) });
  expect(readdirSync(folder)).toContain("model-00001-of-00002.safetensors");
  expect(readdirSync(folder)).toContain("model-2.safetensors");
});

test("takes the safetensors of the converter's pull request where the main branch has none", async () => {
  const files = await tinyFiles();
  const { "model.safetensors": _, ...small } = files;
  const title = "Adding `safetensors` variant of this model";
  const hub = await startHub({
    revisions: {
      main: { ...small, "pytorch_model.bin": Buffer.of(1) },
      "refs/pr/7": files,
      "refs/pr/6": files,
    },
    pullRequests: { 6: { title, author: "somebody" }, 7: { title, author: "SFconvertbot" } },
  });
  const env = environment(hub);
  const folder = await pullModel(modelName, { env });
  expect(folder.endsWith(commitOf("refs/pr/7"))).toBe(true);
  expect(resolveModel(modelName, env)).toBe(folder);
  hub.options.pullRequests = { 6: { title, author: "somebody" } };
  await expect(pullModel(modelName, { env: environment(hub) })).rejects.toThrow(
    /its repository holds no weights as safetensors; save them so with Python/,
  );
});

test("refuses a model that is no CLIP before its weights are fetched", async () => {
  const files = await tinyFiles();
  const other = { ...files, "config.json": Buffer.from('{"model_type":"siglip"}') };
  const hub = await startHub({ revisions: { main: other } });
  const pull = pullModel(modelName, { env: environment(hub) });
  await expect(pull).rejects.toThrow(
    /config\.json of owner\/tiny-clip: has the model_type "siglip"/,
  );
  expect(hub.requests.filter((request) => request.includes("safetensors"))).toEqual([]);
  hub.options.revisions = { main: { "README.md": Buffer.from("x") } };
  await expect(pullModel(modelName, { env: environment(hub) })).rejects.toThrow(
    /holds neither config\.json nor open_clip_config\.json/,
  );
});

test("downloads OpenCLIP's files where the others are timm's", async () => {
  const source = join(import.meta.dirname, "../golden/open-clip");
  const read = (name: string) => readFileSync(join(source, name));
  const hub = await startHub({
    revisions: {
      main: {
        "config.json": Buffer.from('{"architecture":"vit_base_patch16_clip_224"}'),
        "model.safetensors": Buffer.from("the image encoder alone"),
        "open_clip_config.json": read("open_clip_config.json"),
        "open_clip_model.safetensors": read("open_clip_model.safetensors"),
      },
    },
  });
  const env = environment(hub);
  const folder = await pullModel(modelName, { env });
  expect(readdirSync(folder)).not.toContain("model.safetensors");
  expect(resolveModel(modelName, env)).toBe(folder);
  expect((await openSnapshot(folder)).config.projectionDim).toBe(12);
});

test("shows its token to the hub, and says what a refusal means", async () => {
  const hub = await startHub({ revisions: { main: await tinyFiles() }, token: "secret" });
  const denied = pullModel(modelName, { env: environment(hub) });
  await expect(denied).rejects.toThrow(/does not let you see it \(HTTP 401\).*set HF_TOKEN/);
  const env = environment(hub, { HF_TOKEN: "secret" });
  expect(await pullModel(modelName, { env })).toContain(commitOf("main"));
});

test.each([
  [404, /knows no such model \(HTTP 404\); check the name/],
  [429, /too many requests/],
  [503, /answered with HTTP 503; try again later/],
])("says what an answer of %d means", async (status, message) => {
  const hub = await startHub({ revisions: {}, status });
  const pull = pullModel(modelName, { env: environment(hub) });
  await expect(pull).rejects.toThrow(UserError);
  await expect(pull).rejects.toThrow(message);
});

test("says that the hub cannot be reached", async () => {
  const hub = await startHub({ revisions: {} });
  await hub.close();
  const pull = pullModel(modelName, { env: environment(hub) });
  await expect(pull).rejects.toThrow(UserError);
  await expect(pull).rejects.toThrow(
    /127\.0\.0\.1:\d+: cannot be reached \(.*ECONNREFUSED.*\); check the network and HF_ENDPOINT/,
  );
});

test("takes in offline mode a model that is complete in the cache", async () => {
  const hub = await startHub({ revisions: { main: await tinyFiles() } });
  const env = environment(hub);
  const folder = await pullModel(modelName, { env });
  const asked = hub.requests.length;
  const offline = { ...env, HF_HUB_OFFLINE: "1" };
  expect(await pullModel(modelName, { env: offline })).toBe(folder);
  rmSync(join(folder, "model.safetensors"));
  await expect(pullModel(modelName, { env: offline })).rejects.toThrow(/while HF_HUB_OFFLINE/);
  expect(hub.requests).toHaveLength(asked);
});

test("asks nothing in offline mode, and nothing for what is no hub id", async () => {
  const hub = await startHub({ revisions: { main: await tinyFiles() } });
  const env = environment(hub, { HF_HUB_OFFLINE: "1" });
  await expect(pullModel(modelName, { env })).rejects.toThrow(/while HF_HUB_OFFLINE .* is set/);
  await expect(pullModel("./x", { env })).rejects.toThrow(/is not the name of a model on the hub/);
  expect(hub.requests).toEqual([]);
});
