import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { groupCommit } from '../group-commit.ts';
import { type Answer, judge, judgeCode } from './answer.ts';
import type { Item, Table } from './tables.ts';
import type { Write, Written } from './writes.ts';

/** DynamoDB's limit on statements in one request. */
const MAX_STATEMENTS = 25;
/** No size is documented for the whole request; a megabyte is well below what the other batch calls take. */
const MAX_BYTES = 1_000_000;

interface Insert {
  key: string;
  request: BatchStatementRequest;
  bytes: number;
}

/**
 * DynamoDB's conditional batch write in disguise: each PartiQL INSERT of a BatchExecuteStatement is refused on its own
 * when its key exists. The inserts of all messages in flight, into both tables, share requests.
 */
export function batchWrites(options: {
  client: Pick<DynamoDBClient, 'send'>;
  soon: (task: () => void) => void;
  onRequest: () => void;
}): Write {
  const { client, onRequest } = options;

  const insert = groupCommit<Insert, Answer<Written>>({
    maxItems: MAX_STATEMENTS,
    maxBytes: MAX_BYTES,
    sizeOf: ({ bytes }) => bytes,
    // DynamoDB rejects the whole request when one key stands in it twice.
    keyOf: ({ key }) => key,
    partialsAtOnce: 1,
    soon: options.soon,
    commit: execute,
  });

  async function execute(inserts: Insert[]): Promise<Answer<Written>[]> {
    onRequest();
    try {
      const Statements = inserts.map(({ request }) => request);
      const { Responses } = await client.send(new BatchExecuteStatementCommand({ Statements }));
      return inserts.map((_, i) => answerOf(Responses?.[i]));
    } catch (thrown) {
      const trouble = judge(thrown);
      // One bad parameter sinks all 25: sent alone, it sinks alone.
      if (trouble.kind === 'refused' && inserts.length > 1) return oneByOne(inserts);
      return inserts.map(() => trouble);
    }
  }

  async function oneByOne(inserts: Insert[]): Promise<Answer<Written>[]> {
    const answers: Answer<Written>[] = [];
    for (const one of inserts) answers.push(...(await execute([one])));
    return answers;
  }

  return (table, item) => {
    const Parameters = table.attributes.map(name => item[name] ?? { NULL: true });
    return insert({
      key: `${table.name}/${item[table.key]?.S}`,
      request: { Statement: insertStatement(table), Parameters, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      bytes: JSON.stringify(Parameters).length,
    });
  };
}

/** The text is short and the same for every item, whatever the item holds: a statement may have 8,192 characters. */
export function insertStatement({ name, attributes }: Table): string {
  return `INSERT INTO "${name}" VALUE {${attributes.map(attribute => `'${attribute}': ?`).join(', ')}}`;
}

function answerOf(response: BatchStatementResponse | undefined): Answer<Written> {
  if (response === undefined) return judgeCode('InternalServerError', 'the batch was answered without this statement');
  const { Error: error } = response;
  if (error === undefined) return { kind: 'answered', value: { created: true } };
  const code = error.Code ?? 'UnknownError';
  // AWS's types say `DuplicateItem`; its documentation also writes `DuplicateItemException`.
  if (code === 'DuplicateItem' || code === ('DuplicateItemException' as string)) {
    return { kind: 'answered', value: { created: false, ...(error.Item && { existing: error.Item as Item }) } };
  }
  return judgeCode(code, error.Message);
}
