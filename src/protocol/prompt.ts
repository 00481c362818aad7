/** The prompt of a class: `template` with the class's name in place of each "{}". */
export function promptOf(template: string, className: string): string {
  // A function, because in a string "$&" and the like would stand for something else.
  return template.replaceAll("{}", () => className);
}
