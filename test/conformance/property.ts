/** Who relies on a property; without one it is a note, and a backend may lack it. */
export type Reliant = 'every worker' | 'batch writes' | 'single writes' | 'FIFO queues';

export interface Property<Place> {
  /** A sentence that is true where it holds. */
  name: string;
  reliedOnBy?: Reliant;
  /** Looks whether it holds. What it throws is taken for a no. */
  probe(place: Place): Promise<Finding>;
}

/** `observed` tells the backends apart where a yes or a no says too little: a code, a number. */
export type Finding = { holds: boolean; observed?: string };

/** `missing`: a worker would rely on what is not there. */
export type Cell = Finding & { verdict: 'holds' | 'lacks' | 'missing' };

export interface Row {
  property: string;
  reliedOnBy: Reliant | undefined;
  /** One a backend, in their order. */
  cells: Cell[];
}

export interface Subject<Place> {
  name: string;
  place: Place;
  /** For whom this backend is meant: dynalite, for instance, is not for batch writes. */
  reliants: readonly Reliant[];
}

const ORDER: (Reliant | undefined)[] = ['every worker', 'batch writes', 'single writes', 'FIFO queues', undefined];

/**
 * Probes every property on every backend. What is relied upon comes first.
 * @param options.together all probes of a backend at once, when most of them only wait
 */
export async function probeAll<Place>(
  subjects: Subject<Place>[],
  properties: Property<Place>[],
  { together }: { together: boolean },
): Promise<Row[]> {
  const columns = await Promise.all(
    subjects.map(async subject => {
      if (together) return Promise.all(properties.map(property => probe(property, subject)));
      const cells: Cell[] = [];
      for (const property of properties) cells.push(await probe(property, subject));
      return cells;
    }),
  );
  return properties
    .map(({ name, reliedOnBy }, i) => ({
      property: name,
      reliedOnBy,
      cells: columns.map(column => column[i] as Cell),
    }))
    .sort((a, b) => ORDER.indexOf(a.reliedOnBy) - ORDER.indexOf(b.reliedOnBy));
}

async function probe<Place>(
  { reliedOnBy, probe }: Property<Place>,
  { place, reliants }: Subject<Place>,
): Promise<Cell> {
  const finding = await probe(place).catch((error: Error): Finding => ({ holds: false, observed: error.name }));
  const needed = reliedOnBy !== undefined && reliants.includes(reliedOnBy);
  return { ...finding, verdict: finding.holds ? 'holds' : needed ? 'missing' : 'lacks' };
}
