// The platforms that there are packages for: those that onnxruntime-node brings a binary for.

/** The names of VS Code's platforms. */
export const targets = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"];

/** A target of the command line, or the error that names the others. */
export function checkTarget(name) {
  if (targets.includes(name)) return name;
  throw new Error(`--target: found "${name}", expected one of ${targets.join(", ")}`);
}

/**
 * What of the packages beside the bundles is shipped: a pattern of paths for each. Everything else (type declarations, sources,
 * installers, other platforms) is not.
 */
export function nativePackages(target) {
  const [platform, arch] = target.split("-");
  // onnxruntime's library lies in the Mac package twice; the binding asks for the short name.
  const binary =
    platform === "darwin" ? "(onnxruntime_binding\\.node|libonnxruntime\\.1\\.dylib)" : ".*";
  const image = /^(LICENSE|package\.json|versions\.json|README\.md|[\w.]+\.[cm]?js|lib\/[^/]+)$/;
  return {
    "onnxruntime-node": new RegExp(
      `^(package\\.json|dist/\\w+\\.js|bin/napi-v6/${platform}/${arch}/${binary})$`,
    ),
    "onnxruntime-common": /^(package\.json|dist\/cjs\/.*\.js|dist\/cjs\/package\.json)$/,
    sharp: /^(LICENSE|package\.json|dist\/\w+\.[cm]js)$/,
    "@img/colour": /^(LICENSE\.md|package\.json|\w+\.[cm]?js)$/,
    "detect-libc": /^(LICENSE|package\.json|lib\/.*\.js)$/,
    semver: /^(LICENSE|package\.json|.*\.js)$/,
    [`@img/sharp-${target}`]: image,
    // On Windows libvips lies in sharp's own package.
    ...(platform === "win32" ? {} : { [`@img/sharp-libvips-${target}`]: image }),
  };
}
