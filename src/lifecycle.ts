/**
 * Resolves at the first SIGTERM or SIGINT. A second one means that the operator will not wait: `exitNow` is called.
 * `release` takes the handlers off again.
 */
export function untilSignalled(exitNow: (code: number) => void): {
  signalled: Promise<NodeJS.Signals>;
  release(): void;
} {
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let first = true;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!first) return exitNow(1);
    first = false;
    resolve(signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    signalled,
    release: () => {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}
