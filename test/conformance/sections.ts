import type { Backends } from './backends.ts';
import { probeAll } from './property.ts';
import { QUEUE_DELIVERY } from './queue-delivery.ts';
import { QUEUE_FIFO } from './queue-fifo.ts';
import { QUEUE_PARKING } from './queue-parking.ts';
import type { Section } from './render.ts';
import { STORE_LIMITS } from './store-limits.ts';
import { STORE_WRITES } from './store-writes.ts';

/** Probes every backend for every property. */
export async function observe({ stores, queues }: Backends): Promise<Section[]> {
  const [ofStores, ofQueues] = await Promise.all([
    probeAll(stores, [...STORE_WRITES, ...STORE_LIMITS], { together: false }),
    probeAll(queues, [...QUEUE_DELIVERY, ...QUEUE_PARKING, ...QUEUE_FIFO], { together: true }),
  ]);
  return [
    { title: 'stores', backends: stores.map(({ name }) => name), rows: ofStores },
    { title: 'queues', backends: queues.map(({ name }) => name), rows: ofQueues },
  ];
}

/** One line for each property that some worker would miss. */
export function missing(sections: Section[]): string[] {
  return sections.flatMap(({ backends, rows }) =>
    rows.flatMap(({ property, reliedOnBy, cells }) =>
      cells.flatMap(({ verdict, observed }, i) =>
        verdict === 'missing'
          ? [`${backends[i]}: not so: ${property}${observed ? ` (${observed})` : ''}; relied on by ${reliedOnBy}`]
          : [],
      ),
    ),
  );
}
