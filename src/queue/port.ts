/**
 * What the worker needs of a queue. Every implementation passes test/suites/queue.ts.
 */

/** A message attribute as SQS carries it: one of the two values, beside its type. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: Uint8Array;
}

/** One receive of one message. */
export interface Delivery {
  messageId: string;
  /** Names this receive: a later one of the same message gets another. */
  receiptHandle: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  /** 1 on the first delivery. */
  receiveCount: number;
  /** ISO 8601 UTC. */
  sentAt: string;
  groupId?: string;
}

/** Why a message is parked: what the dead-letter queue's reader sees first. */
export interface ParkingReason {
  reason: 'invalid' | 'conflict';
  /** One sentence a person can act on. */
  detail: string;
  featureId?: string;
}

export interface Queue {
  /** Never rejects for a message that is gone already; rejects when the queue did not take the request after retries. */
  delete(delivery: Delivery): Promise<void>;
  /**
   * Hides the message for `seconds` from now, 0 to 43,200, whole: 0 gives it back at once, more postpones or renews it.
   * Rejects as `delete` does.
   */
  changeVisibility(delivery: Delivery, seconds: number): Promise<void>;
  /** Sends the message with its reason to the dead-letter queue, then deletes it; a crash between the two parks it twice. */
  park(delivery: Delivery, why: ParkingReason): Promise<void>;
}

/** What the worker learns of its queue at start. */
export interface QueueFacts {
  arn: string;
  fifo: boolean;
  deadLetterQueueUrl: string;
  /** SQS moves a message to the dead-letter queue when it would be received more often than this. */
  maxReceiveCount: number;
  visibilitySeconds: number;
}

/** Receives until stopped. */
export interface Consumer {
  start(): void;
  /**
   * No receive begins while paused. Those under way run to their end, which may take as long as a long poll, since SQS
   * goes on answering one that was aborted and so hides messages from everybody. What they bring is given back when the
   * last has ended: before that, the others would receive it again and count it up towards the dead-letter queue.
   */
  pause(): void;
  resume(): void;
  /**
   * Begins no receive, lets those under way run for `graceMs`, then aborts them. What arrives after this call is given
   * back when the last has ended, not handled.
   *
   * Resolves when `handle` will not be called any more and all that came late was given back. Calls of `handle` that
   * have begun may still run: who wrote it knows of them.
   */
  stop(graceMs: number): Promise<void>;
}
