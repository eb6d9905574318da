import { KleeneError } from "../errors.ts";

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
/** Given by the user, these hold without an ARG. */
const PREDEFINED: ReadonlySet<string> = new Set([...PROXIES, ...PROXIES.map((name) => name.toLowerCase())]);

/** The `--build-arg`s that a user gave. */
export class GivenArguments {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: Readonly<Record<string, string>>) {
    this.values = new Map(Object.entries(values));
    for (const [name, value] of this.values) {
      if (value.includes("\0")) throw new KleeneError("invalid", `the build argument ${name} has a NUL character`);
    }
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  predefined(): [name: string, value: string][] {
    return [...this.values].filter(([name]) => PREDEFINED.has(name));
  }

  /** The names that no ARG declares. */
  unused(declared: readonly string[]): string[] {
    return [...this.values.keys()].filter((name) => !PREDEFINED.has(name) && !declared.includes(name));
  }
}

/** The arguments that hold in one part of a Dockerfile: before FROM, or in the stage after it. */
export class ArgumentScope {
  private readonly values: Map<string, string>;
  private readonly names: string[] = [];

  constructor(
    private readonly given: GivenArguments,
    /** The arguments before FROM: an ARG without a default takes its value from them. */
    private readonly outer?: ArgumentScope,
  ) {
    this.values = new Map(given.predefined());
  }

  /** One variable of an ARG. What the user gave wins over the default. */
  declare(name: string, fallback: string | undefined): void {
    const value = this.given.get(name) ?? fallback ?? this.outer?.get(name);
    this.names.push(name);
    if (value !== undefined) this.values.set(name, value);
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  entries(): IterableIterator<[name: string, value: string]> {
    return this.values.entries();
  }

  declared(): readonly string[] {
    return [...(this.outer?.declared() ?? []), ...this.names];
  }
}
