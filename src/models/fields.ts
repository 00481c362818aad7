import { UserError } from "../util/errors";

/** Reads the fields of a JSON object from a file; a wrong one is a UserError that names file, field and what was found. */
export class Fields {
  private constructor(
    private readonly file: string,
    private readonly path: string,
    readonly json: Readonly<Record<string, unknown>>,
  ) {}

  /** `json` must be an object; `path` says where in the file it stands ("" for the whole file). */
  static of(json: unknown, file: string, path = ""): Fields {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      const where = path === "" ? "the file" : `"${path}"`;
      throw new UserError(`${file}: ${where} is ${describe(json)}, expected an object of settings`);
    }
    return new Fields(file, path, json as Record<string, unknown>);
  }

  /** Whether the field is there and not null. */
  has(key: string): boolean {
    return this.json[key] !== undefined && this.json[key] !== null;
  }

  /** A positive integer; `fallback` where the field is absent or null. */
  size(key: string, fallback: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.json[key] ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most)
      return value as number;
    const limit = most === Number.MAX_SAFE_INTEGER ? "" : ` up to ${most}`;
    return this.fail(key, `a positive integer${limit}`);
  }

  /** A positive integer, or a list of two equal ones. */
  square(key: string, fallback: number): number {
    const value = this.json[key];
    if (!Array.isArray(value)) return this.size(key, fallback);
    const [side] = value as unknown[];
    const equal = value.length === 2 && value.every((other) => other === side);
    if (equal && Number.isSafeInteger(side) && (side as number) > 0) return side as number;
    return this.fail(key, "a positive integer (only squares are supported)");
  }

  /** A positive number. */
  positive(key: string, fallback: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
    return this.fail(key, "a positive number");
  }

  /** A text. */
  text(key: string, fallback: string): string {
    const value = this.json[key] ?? fallback;
    return typeof value === "string" ? value : this.fail(key, "a text");
  }

  /** True or false. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    return typeof value === "boolean" ? value : this.fail(key, "true or false");
  }

  /** Three numbers, one for each colour. */
  colours(key: string, fallback: [number, number, number]): [number, number, number] {
    const value = this.json[key] ?? fallback;
    const good =
      Array.isArray(value) &&
      value.length === 3 &&
      value.every((x) => typeof x === "number" && Number.isFinite(x));
    return good ? (value as [number, number, number]) : this.fail(key, "three numbers");
  }

  /** The fields of an object that is a field of this one; an empty object where it is absent or null. */
  inner(key: string): Fields {
    return Fields.of(this.json[key] ?? {}, this.file, this.name(key));
  }

  /** Throws the UserError of a field. */
  fail(key: string, expected: string): never {
    throw new UserError(
      `${this.file}: "${this.name(key)}" is ${describe(this.json[key])}, expected ${expected}`,
    );
  }

  private name(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}

/** A JSON value as a short text. */
function describe(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
