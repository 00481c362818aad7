import { applyEdits, type Edit, type Node } from "jsonc-parser/lib/esm/main.js";
import { type Belongings, belongingsOf, commentsBefore, commentsIn } from "./belongings";
import { indentAt, insertion, type Keys, nodeAt, removal, replacement, roomFor } from "./textEdits";

/** A text with a property moved to another path as it was written, with the comments that belong to it. */
export function moved(text: string, path: Keys, to: Keys): string {
  const node = nodeAt(text, path);
  const property = node?.parent;
  if (property?.type !== "property") return text;
  const indent = indentAt(text, property.offset);
  const written = valueOf(text, property, indent);
  const before = roomFor(text, to, written);
  // Into a section that begins in its place, where its comments are already.
  if (before?.section.offset === property.parent!.offset)
    return applyEdits(text, [replacement(property, before.content)]);
  const belongings = belongingsOf(text, property);
  const rest = applyEdits(text, removal(text, property, belongings));
  const room = roomFor(rest, to, written);
  return room
    ? applyEdits(rest, insertions(rest, room.section, room.content, belongings, indent))
    : text;
}

/** The value of a property as it is written, after the comments that stand between its key and it. */
function valueOf(text: string, property: Node, indent: string): string {
  const [key, value] = property.children! as [Node, Node];
  const between = commentsIn(text.slice(key.offset + key.length, value.offset));
  const written = text.slice(value.offset, value.offset + value.length);
  return commentsBefore(between, `${indent}  `) + written;
}

/** As `insertion`, of a property that was written elsewhere, on a line with such an indent, with what belongs to it. */
function insertions(
  text: string,
  section: Node,
  content: string,
  { above, beside }: Belongings,
  from: string,
): Edit[] {
  const outer = indentAt(text, section.offset);
  const lines = (indent: string): string => {
    const line = (part: string): string =>
      `\n${indent}${part.replaceAll(`\n${from}`, `\n${indent}`)}`;
    return [...above, content].map(line).join("");
  };
  const end = beside.map((comment) => ` ${comment}`).join("");
  const { offset, length, children = [] } = section;
  const inside = offset + 1;
  const [first] = children;
  const place = insertion(text, section, content).offset;
  // A line ends there: the first property stands on one of its own, and does not merely follow a comment of several lines.
  if (first && place < first.offset)
    return [{ offset: place, length: 0, content: `${lines(indentAt(text, first.offset))},${end}` }];
  if (above.length + beside.length === 0)
    return [insertion(text, section, content.replaceAll(`\n${from}`, `\n${outer}`))];
  // Comments need lines of their own: a section on one line is opened.
  const indent = outer + unitOf(text);
  const close = offset + length - 1;
  if (!first) {
    const said = inside + text.slice(inside, close).trimEnd().length;
    return [{ offset: said, length: close - said, content: `${lines(indent)}${end}\n${outer}` }];
  }
  const last = children.at(-1)!;
  const rest = last.offset + last.length;
  return [
    {
      offset: inside,
      length: /^[ \t]*/.exec(text.slice(inside))![0].length,
      content: `${lines(indent)},${end}\n${indent}`,
    },
    {
      offset: rest,
      length: close - rest,
      content: `${text.slice(rest, close).trimEnd()}\n${outer}`,
    },
  ];
}

/** The blanks by which a file indents. */
function unitOf(text: string): string {
  return /^[ \t]+(?=")/m.exec(text)?.[0] ?? "  ";
}
