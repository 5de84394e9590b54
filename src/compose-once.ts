import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';

type Client = SQSClient | DynamoDBClient;
type Signer = Awaited<ReturnType<Client['config']['signer']>>;
type Request = Parameters<Signer['sign']>[0];
/** Sends a signed request, and takes the answer apart along the SDK's schemas. */
type Exchange = (args: { input: object; request: Request }) => Promise<{ output: object }>;

/** What the SDK made of a command, but for its body. */
interface Composed {
  request: Omit<Request, 'body'>;
  signer: Signer;
}

/**
 * For the few commands of which a worker sends thousands a second. The SDK resolves endpoint, authentication, headers
 * and schemas anew for each, 160 µs of CPU, and all that ever differs is the body. So the first request of a kind is
 * the SDK's; what it composed is kept, and the next ones are that with another body, signed by the SDK's signer (which
 * follows credentials that are renewed) and sent by its HTTP handler; answers and errors are read by its deserializer.
 *
 * After a failure the SDK composes again, and with that corrects its clock: the same request at once where the client
 * may try more than once (`maxAttempts`), else the next.
 * @param commands their names; each one's input must be plain JSON, without bytes or dates
 */
export function composeOnce<C extends Client>(client: C, commands: string[]): C {
  const composed = new Map<string, Composed>();
  const exchanges = new WeakMap<object, Exchange>();
  const { config } = client;
  // The two clients' stacks differ in the types of their commands alone.
  const stack = client.middlewareStack as SQSClient['middlewareStack'];

  stack.add(
    (next, context) => async args => {
      const { commandName = '' } = context;
      const kept = composed.get(commandName);
      const exchange = exchanges.get(context);
      if (!kept || !exchange) return next(args);
      try {
        const request = await repeat(kept, args.input);
        return (await exchange({ ...args, request })) as Awaited<ReturnType<typeof next>>;
      } catch (error) {
        composed.delete(commandName);
        if ((await config.maxAttempts()) > 1) return next(args);
        throw error;
      }
    },
    { step: 'initialize', priority: 'high', name: 'repeatMiddleware' },
  );

  // The last to see the request before it is signed and numbered as an attempt.
  stack.add(
    (next, context) => async args => {
      const { commandName = '', authSchemes } = context;
      if (!commands.includes(commandName)) return next(args);
      const { body, ...request } = args.request as Request;
      const headers = { ...request.headers };
      const answer = await next(args);
      composed.set(commandName, { request: { ...request, headers }, signer: await config.signer(authSchemes?.[0]) });
      return answer;
    },
    { step: 'build', priority: 'low', name: 'keepMiddleware' },
  );

  // The last to see it at all: what follows is the deserializer and the HTTP handler.
  stack.add(
    (next, context) => {
      exchanges.set(context, next as Exchange);
      return next;
    },
    { step: 'finalizeRequest', priority: 'low', name: 'exchangeMiddleware' },
  );

  function repeat({ request, signer }: Composed, input: object): Promise<Request> {
    const body = JSON.stringify(input);
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const signingDate = new Date(Date.now() + config.systemClockOffset);
    return signer.sign({ ...request, headers, body } as Request, { signingDate });
  }

  return client;
}
