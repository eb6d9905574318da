/** A contestant of a comparison: one timed run, and what makes the next one possible. */
export interface Contestant {
  readonly name: string;
  /** Left out, with a word, when its warming up fails. */
  readonly optional?: boolean;
  run(): Promise<void>;
  /** Not timed. */
  reset?(): Promise<void>;
}

export interface Figures {
  readonly name: string;
  /** Milliseconds of each counted run. */
  readonly times: readonly number[];
}

/** Runs the contestants in turn, A B C A B C ..., so that a machine whose speed drifts is fair to all of them. */
export async function compare(contestants: readonly Contestant[], runs: number): Promise<Figures[]> {
  const figures: { contestant: Contestant; times: number[] }[] = [];
  for (const contestant of contestants) if (await warmUp(contestant)) figures.push({ contestant, times: [] });
  for (let round = 0; round < runs; round++) {
    for (const { contestant, times } of figures) {
      const before = performance.now();
      await contestant.run();
      times.push(performance.now() - before);
      await contestant.reset?.();
    }
  }
  return figures.map(({ contestant: { name }, times }) => ({ name, times }));
}

async function warmUp(contestant: Contestant): Promise<boolean> {
  try {
    await contestant.run();
    await contestant.reset?.();
    return true;
  } catch (error) {
    if (contestant.optional !== true) throw error;
    console.log(`\n${contestant.name} does not work here: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The first figures are Kleene's; each line's ratio is Kleene's median by that line's. */
export function printComparison(title: string, figures: readonly Figures[]): void {
  const ours = median(figures[0]?.times ?? []);
  console.log(`\n${title}`);
  for (const { name, times } of figures) {
    const middle = median(times);
    const [min, max] = [Math.min(...times), Math.max(...times)];
    const ratio = `kleene takes ${(ours / middle).toFixed(2)} of it, it takes ${(middle / ours).toFixed(2)} of kleene`;
    console.log(`  ${name.padEnd(28)} ${ms(middle)}  (${ms(min)} to ${ms(max)})  ${name === "kleene" ? "" : ratio}`);
  }
}

export function ms(value: number): string {
  return `${value.toFixed(1).padStart(7)} ms`;
}
