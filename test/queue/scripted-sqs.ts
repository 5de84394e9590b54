import type { Sqs } from '../../src/queue/client.ts';

export interface Request {
  command: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what its commands carry
  input: any;
  signal: AbortSignal | undefined;
}

/** An SQS client that answers as the test says, and keeps what it was asked. */
export function scriptedSqs(answer: (request: Request, n: number) => unknown): { sqs: Sqs; requests: Request[] } {
  const requests: Request[] = [];
  const send = async (
    command: { constructor: { name: string }; input: unknown },
    options?: { abortSignal?: AbortSignal },
  ) => {
    const request = { command: command.constructor.name, input: command.input, signal: options?.abortSignal };
    requests.push(request);
    return answer(request, requests.length - 1);
  };
  return { sqs: { send } as unknown as Sqs, requests };
}

/** An error as the SDK throws it. */
export function sdkError(name: string, status: number | undefined, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** A request that got no answer. */
export function noAnswer(code = 'ECONNREFUSED'): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });
}
