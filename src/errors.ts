/** The operator's mistake: shown as message and hint without a stack, exit code 2. */
export class OperatorMistake extends Error {
  override name = 'OperatorMistake';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What was asked for could not be done, and nobody made a mistake: message without a stack, exit code 1. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

/** A backend gives no answer yet: worth waiting for. */
export class BackendUnreachable extends Error {
  override name = 'BackendUnreachable';

  /** @param what as in "DynamoDB" or "queue http://…" */
  constructor(what: string, options?: ErrorOptions) {
    super(`${what} does not answer`, options);
  }
}
