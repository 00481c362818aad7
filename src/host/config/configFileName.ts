/** Whether a path is that of a configuration: `glad.json` or `<anything>.glad.json`. */
export function isConfigFile(path: string): boolean {
  return /(^|[\\/])([^\\/]+\.)?glad\.json$/.test(path);
}
