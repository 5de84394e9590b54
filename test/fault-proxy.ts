import { Agent, createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What becomes of a request:
 * - `pass`: sent on, and answered
 * - `reset`: the connection is broken before the backend hears of it
 * - `lose`: the backend does it, and the connection is broken before the answer
 * - `hang`: the backend hears nothing, and there is no answer
 * - `status` and `error`: answered with this HTTP status and error body, without the backend
 * - `reply`: answered with this and HTTP 200, without the backend
 * - or tampered with
 */
export type Fate =
  | 'pass'
  | 'reset'
  | 'lose'
  | 'hang'
  | { status: number; error: string }
  | { reply: object }
  | Tampering;

export interface Tampering {
  /** The backend hears of it so many milliseconds late, even when the client has given up by then. */
  delayMs?: number;
  /** What the backend hears instead. */
  body?: string;
  /** What the client hears instead of the backend's answer of HTTP 200; `lose` breaks the connection. */
  answer?(body: string): string | 'lose';
}

export interface FaultProxy {
  endpoint: string;
  /** Decides each request's fate; the operation is as in `BatchExecuteStatement`. May be replaced at any time. */
  decide(operation: string, body: string): Fate | Promise<Fate>;
  close(): Promise<void>;
}

/** Stands between a client and a backend and does to their requests what networks and outages do. */
export async function startFaultProxy(backend: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const closing = new AbortController();
  const server = createServer((request, response) => {
    // A client that dies in the middle of its request is one of the things to be seen here.
    serve(request, response).catch(() => request.socket.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const fate = await proxy.decide(operation, body);
    if (fate === 'hang') return;
    if (fate === 'reset') return void request.socket.destroy();
    if (fate === 'pass' || fate === 'lose') return sendOn(request, response, body, fate);
    if ('status' in fate) return answerJson(response, fate.status, { __type: fate.error, message: 'injected' });
    if ('reply' in fate) return answerJson(response, 200, fate.reply);
    if (fate.delayMs !== undefined) await delay(fate.delayMs, undefined, { signal: closing.signal });
    return sendOn(request, response, fate.body ?? body, fate.answer ?? 'pass');
  }

  async function sendOn(
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
    onAnswer: 'pass' | 'lose' | NonNullable<Tampering['answer']>,
  ): Promise<void> {
    const { method } = request;
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    forward(new URL(request.url ?? '/', backend), { method, headers, agent }, resolve)
      .on('error', reject)
      .end(body);
    const answer = await answered;
    const status = answer.statusCode ?? 502;
    if (onAnswer === 'pass' || (onAnswer !== 'lose' && status !== 200)) {
      response.writeHead(status, answer.headers);
      return void answer.pipe(response);
    }
    const heard = await text(answer);
    const told = onAnswer === 'lose' ? 'lose' : onAnswer(heard);
    if (told === 'lose') return void request.socket.destroy();
    // Its length and checksum were those of what the backend said.
    const { 'content-length': _, 'x-amz-crc32': __, 'transfer-encoding': ___, ...kept } = answer.headers;
    response.writeHead(status, kept).end(told);
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    decide: () => 'pass',
    close: async () => {
      closing.abort();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      agent.destroy();
    },
  };
  return proxy;
}

/** `error` as both services name their errors: what stands before a `#` in `__type` is the SDK's to ignore. */
function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
