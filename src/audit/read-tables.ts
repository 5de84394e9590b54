import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import { type Answer, judge } from '../store/answer.ts';
import { askUntilAnswered } from '../store/ask.ts';
import { watchHealth } from '../store/health.ts';
import { batchReads, type Summary } from '../store/reads.ts';
import type { Item, Table } from '../store/tables.ts';

/** A few requests at a time: fast enough, and no burst that throttles the workers. */
const SEGMENTS = 4;
/** Items, so that a page is short-lived garbage: of small items 1 MB would hold ten thousand. */
const PAGE = 500;
/** As many keys as one BatchGetItem takes. */
const AT_ONCE = 100;

export interface TableReader {
  /** Takes up every item of a table, strongly consistent, a hundred at once in each of four segments. */
  scan(table: Table, attributes: string[], take: (item: Item) => Promise<void>): Promise<void>;
  /** All but the payload, strongly consistent. */
  lookUp(table: Table, key: string): Promise<Summary | undefined>;
  /**
   * Asks until it is answered.
   * @throws StoreFailure where it is refused
   * @throws StoreUnavailable when nothing is answered for ten seconds
   */
  ask<T>(attempt: () => Promise<Answer<T>>): Promise<T>;
  /** Ends what looks after a store that does not answer. */
  stop(): void;
}

/** Reads whole tables in the memory of a few pages of 1 MB. */
export function createTableReader(options: {
  client: Pick<DynamoDBClient, 'send'>;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
}): TableReader {
  const { client, clock } = options;
  const health = watchHealth({ probe: async () => {}, clock });
  const read = batchReads({ client, soon: clock.soon, onRequest: () => {} });

  const ask = async <T>(attempt: () => Promise<Answer<T>>): Promise<T> =>
    (await askUntilAnswered(attempt, { ...options, health })).value;

  return {
    ask,
    lookUp: (table, key) => ask(() => read(table, key)),
    stop: health.stop,
    scan: async ({ name }, attributes, take) => {
      const ended = new AbortController();
      const scanSegment = async (Segment: number): Promise<void> => {
        let from: Item | undefined;
        do {
          const command = new ScanCommand({
            TableName: name,
            ConsistentRead: true,
            Segment,
            TotalSegments: SEGMENTS,
            ProjectionExpression: attributes.map((_, i) => `#${i}`).join(', '),
            ExpressionAttributeNames: Object.fromEntries(attributes.map((attribute, i) => [`#${i}`, attribute])),
            ExclusiveStartKey: from,
            Limit: PAGE,
          });
          const { Items = [], LastEvaluatedKey } = await ask(() =>
            client.send(command).then(value => ({ kind: 'answered', value }), judge),
          );
          for (let at = 0; at < Items.length && !ended.signal.aborted; at += AT_ONCE) {
            await Promise.all(Items.slice(at, at + AT_ONCE).map(take));
          }
          from = LastEvaluatedKey;
        } while (from && !ended.signal.aborted);
      };
      try {
        await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => scanSegment(segment)));
      } finally {
        ended.abort(); // one segment failed: the others need not go on
      }
    },
  };
}
