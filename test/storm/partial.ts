import type { Tampering } from '../fault-proxy.ts';

/** What goes wrong with some of a batch, inside an answer of HTTP 200. */
export interface PartialFault {
  fate: Tampering | { reply: object };
  /** How many statements, entries or keys are chosen. */
  entries: number;
}

/** Which of a batch it happens to. */
type Choose = () => boolean;

interface Statements {
  Statements: unknown[];
}
interface Entries {
  Entries: { Id: string }[];
}
interface Keys {
  RequestItems: Record<string, { Keys: unknown[] }>;
}

/** How a part fails, in DynamoDB's words and in SQS's: so that it may pass when it is sent again, or will not. */
export type Failure = 'passing' | 'final';
const STATEMENT_CODES: Record<Failure, string> = { passing: 'ThrottlingError', final: 'ValidationError' };

/**
 * The backend hears nothing of the chosen ones, and the client hears that they failed. Undefined where none is chosen,
 * and for keys that are read: those can only be left unread.
 */
export function refuseSome(
  operation: string,
  body: string,
  failure: Failure,
  choose: Choose,
): PartialFault | undefined {
  switch (operation) {
    case 'BatchExecuteStatement':
      return refuseStatements(JSON.parse(body), STATEMENT_CODES[failure], choose);
    case 'BatchGetItem':
      return failure === 'passing' ? refuseKeys(JSON.parse(body), choose) : undefined;
    case 'DeleteMessageBatch':
    case 'ChangeMessageVisibilityBatch':
    case 'SendMessageBatch':
      return refuseEntries(JSON.parse(body), failure, choose);
    default:
      return undefined;
  }
}

/** The backend does all of it, and the client hears that the chosen ones failed. Undefined where none is chosen. */
export function denySome(operation: string, body: string, choose: Choose): PartialFault | undefined {
  const change = <T>(alter: (answer: T) => object) => ({
    answer: (text: string) => JSON.stringify(alter(JSON.parse(text))),
  });
  switch (operation) {
    case 'BatchExecuteStatement': {
      const { Statements }: Statements = JSON.parse(body);
      const denied = chosenOf(Statements, choose);
      if (denied.size === 0) return undefined;
      const fate = change<{ Responses: unknown[] }>(answer => ({
        ...answer,
        Responses: answer.Responses.map((response, i) => (denied.has(i) ? failed('InternalServerError') : response)),
      }));
      return { fate, entries: denied.size };
    }
    case 'DeleteMessageBatch':
    case 'ChangeMessageVisibilityBatch':
    case 'SendMessageBatch': {
      const { Entries }: Entries = JSON.parse(body);
      const denied = idsOf(Entries, chosenOf(Entries, choose));
      if (denied.size === 0) return undefined;
      return { fate: change<SqsAnswer>(answer => withFailed(answer, denied, 'passing')), entries: denied.size };
    }
    default:
      return undefined;
  }
}

function refuseStatements(input: Statements, code: string, choose: Choose): PartialFault | undefined {
  const refused = chosenOf(input.Statements, choose);
  if (refused.size === 0) return undefined;
  const weave = (answered: unknown[]) => {
    const rest = [...answered];
    return input.Statements.map((_, i) => (refused.has(i) ? failed(code) : rest.shift()));
  };
  const Statements = input.Statements.filter((_, i) => !refused.has(i));
  const fate =
    Statements.length === 0
      ? { reply: { Responses: weave([]) } }
      : {
          body: JSON.stringify({ ...input, Statements }),
          answer: (text: string) => {
            const answer = JSON.parse(text);
            return JSON.stringify({ ...answer, Responses: weave(answer.Responses) });
          },
        };
  return { fate, entries: refused.size };
}

/** What DynamoDB does when a read would cost more than there is: the rest of the keys comes back unread. */
function refuseKeys(input: Keys, choose: Choose): PartialFault | undefined {
  let entries = 0;
  const wanted: Keys['RequestItems'] = {};
  const unread: Keys['RequestItems'] = {};
  for (const [table, request] of Object.entries(input.RequestItems)) {
    const refused = chosenOf(request.Keys, choose);
    entries += refused.size;
    const left = request.Keys.filter((_, i) => !refused.has(i));
    if (left.length > 0) wanted[table] = { ...request, Keys: left };
    if (refused.size > 0) unread[table] = { ...request, Keys: request.Keys.filter((_, i) => refused.has(i)) };
  }
  if (entries === 0) return undefined;
  const fate =
    Object.keys(wanted).length === 0
      ? { reply: { Responses: {}, UnprocessedKeys: unread } }
      : {
          body: JSON.stringify({ ...input, RequestItems: wanted }),
          answer: (text: string) => JSON.stringify({ ...JSON.parse(text), UnprocessedKeys: unread }),
        };
  return { fate, entries };
}

interface SqsAnswer {
  Successful?: { Id: string }[];
  Failed?: { Id: string }[];
}

function refuseEntries(input: Entries, failure: Failure, choose: Choose): PartialFault | undefined {
  const refused = idsOf(input.Entries, chosenOf(input.Entries, choose));
  if (refused.size === 0) return undefined;
  const Entries = input.Entries.filter(({ Id }) => !refused.has(Id));
  const fate =
    Entries.length === 0
      ? { reply: withFailed({}, refused, failure) }
      : {
          body: JSON.stringify({ ...input, Entries }),
          answer: (text: string) => JSON.stringify(withFailed(JSON.parse(text), refused, failure)),
        };
  return { fate, entries: refused.size };
}

function withFailed({ Successful = [], Failed = [], ...rest }: SqsAnswer, ids: Set<string>, failure: Failure): object {
  const how =
    failure === 'passing'
      ? { SenderFault: false, Code: 'InternalError' }
      : { SenderFault: true, Code: 'InvalidParameterValue' };
  const fail = (Id: string) => ({ Id, ...how, Message: 'injected' });
  return {
    ...rest,
    Successful: Successful.filter(({ Id }) => !ids.has(Id)),
    Failed: [...Failed.filter(({ Id }) => !ids.has(Id)), ...[...ids].map(fail)],
  };
}

const failed = (Code: string): object => ({ Error: { Code, Message: 'injected' } });

const chosenOf = (batch: unknown[], choose: Choose): Set<number> => new Set([...batch.keys()].filter(() => choose()));

const idsOf = (entries: { Id: string }[], indexes: Set<number>): Set<string> =>
  new Set(entries.filter((_, i) => indexes.has(i)).map(({ Id }) => Id));
