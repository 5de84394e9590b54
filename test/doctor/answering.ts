// biome-ignore lint/suspicious/noExplicitAny: each test knows what its commands carry
type Any = any;

/** What a test says instead of a client, by the command's class: it may ask the client, and change what that says. */
export type Instead = Record<string, (input: Any, ask: () => Promise<Any>) => unknown>;

/** A client some of whose answers are the test's. */
export function answering<Client extends { send: unknown }>(client: Client, instead: Instead): Client {
  const send = async (command: { constructor: { name: string }; input: unknown }) => {
    const ask = () => (client.send as (command: unknown) => Promise<Any>).call(client, command);
    const answer = instead[command.constructor.name];
    return answer ? answer(command.input, ask) : ask();
  };
  return { send } as unknown as Client;
}
