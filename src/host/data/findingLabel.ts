/** A finding as a row of the view tells it: without the folder of its data set, below which it stands and which would fill the row. */
export function findingLabel(text: string, folder: string): string {
  if (!text.startsWith(folder)) return text;
  const rest = text.slice(folder.length);
  if (/^[\\/]/.test(rest)) return rest.slice(1);
  const words = /^:? (.+)$/s.exec(rest)?.[1];
  return words === undefined ? text : `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
