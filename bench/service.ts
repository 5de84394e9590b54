import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A helper of the bench in a process of its own, so that its CPU time is not a contender's. */
export interface Service<Ready> {
  /** What it said when it was ready. */
  ready: Ready;
  /** Asks for what it has gathered; one question at a time. */
  ask(question?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param program a module of the bench that calls `serve` */
export async function startService<Ready>(
  program: URL,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Service<Ready>> {
  const child = fork(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C is for the bench alone, which then tidies up with its services still there.
    detached: true,
    execArgv: [],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${program.pathname.split('/').at(-1)} ended (${signal ?? code})`);
  });
  ended.catch(() => {});
  const [first] = await Promise.race([once(child, 'message'), ended]);
  return {
    ready: (first as { ready: Ready }).ready,
    ask: async question => {
      const answered = Promise.race([once(child, 'message'), ended]);
      child.send({ question: question ?? null });
      const [message] = await answered;
      return (message as { answer: unknown }).answer;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** The other end: runs until the bench lets go of it, or is gone. */
export function serve<Ready>(
  ready: Ready,
  { stop, answer = () => undefined }: { stop: () => unknown; answer?: (question: unknown) => unknown },
): void {
  process.on('message', async message => {
    const { question } = message as { question: unknown };
    process.send?.({ answer: (await answer(question)) ?? null });
  });
  process.once('disconnect', stop);
  process.send?.({ ready });
}
