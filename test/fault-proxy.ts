import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * What becomes of a request:
 * - `pass`: sent on, and answered
 * - `reset`: the connection is broken before the backend hears of it
 * - `lose`: the backend does it, and the connection is broken before the answer
 * - `hang`: the backend hears nothing, and there is no answer
 * - a number: answered with this HTTP status and DynamoDB's error body, without the backend
 */
export type Fate = 'pass' | 'reset' | 'lose' | 'hang' | { status: number; error: string };

export interface FaultProxy {
  endpoint: string;
  /** Decides each request's fate; the operation is as in `BatchExecuteStatement`. May be replaced at any time. */
  decide(operation: string, body: string): Fate | Promise<Fate>;
  close(): Promise<void>;
}

/** Stands between a client and a backend and does to their requests what networks and outages do. */
export async function startFaultProxy(backend: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(backend);
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const fate = await proxy.decide(operation, body.toString());
    if (fate === 'hang') return;
    if (fate === 'reset') return void request.socket.destroy();
    if (typeof fate === 'object') return answerError(response, fate);
    const { method, url: path, headers } = request;
    const upstream = forward({ hostname, port, method, path, headers }, answer => {
      if (fate === 'lose') {
        answer.resume();
        answer.on('end', () => request.socket.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    upstream.on('error', () => request.socket.destroy());
    upstream.end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    decide: () => 'pass',
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return proxy;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answerError(response: ServerResponse, { status, error }: { status: number; error: string }): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${error}`, message: 'injected' }));
}
