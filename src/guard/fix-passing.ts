/**
 * Files that pass a rival on (`export { Old } from './old'`, a package's `__init__.py`), and who takes it from there.
 *
 * VX7  What a file passes on moves for all who take it there, or for none: while one of them can't go on working, it goes on
 *      passing on the rival.
 */
import type { LinkedImport, Unit } from './concept.ts';
import type { Consumer } from './todo.ts';

/** Which files go on using which rivals. It only grows: what is left alone for one reason stays for the next. */
export class Passing {
  readonly #consumers: ReadonlyMap<string, Consumer>;
  readonly #stuck = new Set<string>();
  readonly #heldBy = new Map<string, string>();

  constructor(consumers: readonly Consumer[]) {
    this.#consumers = new Map(consumers.map((consumer) => [consumer.file.path, consumer]));
  }

  /** A file that takes it here and is left alone, if there is one (VX7). */
  heldBy(path: string, unit: Unit): string | undefined {
    return this.#heldBy.get(keyOf(path, unit.id));
  }

  /** Does what this import brings move where it comes from, so that nothing is left to do here? */
  isPassedOn({ through = '', imported }: LinkedImport, unit: Unit): boolean {
    const from = this.#consumers.get(through)?.references.bindings;
    const passes = from?.some((one) => one.unit?.id === unit.id && one.linked.local === imported) === true;
    return passes && !this.#stuck.has(keyOf(through, unit.id));
  }

  /** Takes in what is left alone. True where that says something new of who passes on. */
  learn(left: ReadonlyMap<string, readonly string[]>): boolean {
    const before = this.#stuck.size;
    for (const [path, ids] of left) for (const id of ids) this.#stuck.add(keyOf(path, id));
    for (const [path, ids] of left) {
      for (const { linked, unit } of this.#bindingsOf(path)) {
        const { through = '' } = linked;
        if (!ids.includes(unit) || through === path || !this.#bindingsOf(through).some((one) => one.unit === unit))
          continue;
        this.#stuck.add(keyOf(through, unit));
        this.#heldBy.set(keyOf(through, unit), path);
      }
    }
    return this.#stuck.size > before;
  }

  /** Imports of a file, each with a rival that is used by it. */
  #bindingsOf(path: string): readonly { readonly linked: LinkedImport; readonly unit: string }[] {
    const { bindings = [], occurrences = [] } = this.#consumers.get(path)?.references ?? {};
    return [
      ...bindings.flatMap(({ linked, unit }) => (unit === undefined ? [] : [{ linked, unit: unit.id }])),
      ...occurrences.map(({ binding, unit }) => ({ linked: binding.linked, unit: unit.id })),
    ];
  }
}

function keyOf(path: string, unit: string): string {
  return `${path}\n${unit}`;
}
