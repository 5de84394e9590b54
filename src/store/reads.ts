import { BatchGetItemCommand, type BatchGetItemCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { groupCommit } from '../group-commit.ts';
import { type Answer, judge, judgeCode } from './answer.ts';
import { summaryOf, type Table } from './tables.ts';

/** DynamoDB's limit on keys in one BatchGetItem. */
const MAX_KEYS = 100;

export type Summary = Record<string, string | undefined>;
/** Reads all but the payload, strongly consistent: one attempt, every error judged, never a throw. */
export type Read = (table: Table, key: string) => Promise<Answer<Summary | undefined>>;

interface Wanted {
  table: Table;
  key: string;
}

/** The reads of all messages in flight, from both tables, share BatchGetItem requests. */
export function batchReads(options: {
  client: Pick<DynamoDBClient, 'send'>;
  soon: (task: () => void) => void;
  onRequest: () => void;
}): Read {
  const { client, onRequest } = options;

  const get = groupCommit<Wanted, Answer<Summary | undefined>>({
    maxItems: MAX_KEYS,
    maxBytes: Number.POSITIVE_INFINITY,
    sizeOf: () => 0,
    keyOf: identity,
    partialsAtOnce: 1,
    soon: options.soon,
    commit: execute,
  });

  async function execute(wanted: Wanted[]): Promise<Answer<Summary | undefined>[]> {
    onRequest();
    try {
      const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: ask(wanted) }));
      // DynamoDB answers in any order, and leaves out both what is absent and what it did not get to.
      const found = new Map<string, Summary>();
      const unread = new Set<string>();
      for (const table of new Set(wanted.map(({ table }) => table))) {
        const { name, key } = table;
        for (const item of Responses?.[name] ?? []) found.set(`${name}/${item[key]?.S}`, summaryOf(table, item));
        for (const keys of UnprocessedKeys?.[name]?.Keys ?? []) unread.add(`${name}/${keys[key]?.S}`);
      }
      return wanted.map(one => {
        const id = identity(one);
        if (unread.has(id)) return judgeCode('ProvisionedThroughputExceeded', 'the read was left unprocessed');
        return { kind: 'answered', value: found.get(id) };
      });
    } catch (thrown) {
      return wanted.map(() => judge(thrown));
    }
  }

  return (table, key) => get({ table, key });
}

const identity = ({ table, key }: Wanted) => `${table.name}/${key}`;

function ask(wanted: Wanted[]): NonNullable<BatchGetItemCommandInput['RequestItems']> {
  const byTable = [...Map.groupBy(wanted, ({ table }) => table)];
  return Object.fromEntries(
    byTable.map(([table, ofTable]) => [
      table.name,
      {
        Keys: ofTable.map(({ key }) => ({ [table.key]: { S: key } })),
        ConsistentRead: true,
        ProjectionExpression: table.summary.map((_, i) => `#${i}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(table.summary.map((name, i) => [`#${i}`, name])),
      },
    ]),
  );
}
