import type { Counts } from '../worker.ts';

export interface Snapshot {
  counts: Counts;
  inFlight: number;
  available: boolean;
  writeRequests: number;
  readRequests: number;
  /** Seconds since the epoch. */
  startedAt: number;
  /** Bytes. */
  residentMemory: number;
  /** Seconds of user and system time. */
  cpu: number;
}

/** Prometheus' text format, version 0.0.4. */
export function renderMetrics(snapshot: Snapshot): string {
  const { received, givenBack, ...outcomes } = snapshot.counts;
  return [
    ...metric('onefold_messages_received_total', 'counter', 'Deliveries taken from the queue.', received),
    ...metric('onefold_messages_given_back_total', 'counter', 'Deliveries returned to the queue unhandled.', givenBack),
    '# HELP onefold_messages_total Deliveries handled, by outcome.',
    '# TYPE onefold_messages_total counter',
    ...Object.entries(outcomes).map(([outcome, count]) => `onefold_messages_total{outcome="${outcome}"} ${count}`),
    ...metric('onefold_messages_in_flight', 'gauge', 'Deliveries held right now.', snapshot.inFlight),
    ...metric(
      'onefold_store_available',
      'gauge',
      '1 while the store answers, 0 in an outage.',
      Number(snapshot.available),
    ),
    ...metric(
      'onefold_store_write_requests_total',
      'counter',
      'Write requests sent to DynamoDB.',
      snapshot.writeRequests,
    ),
    ...metric('onefold_store_read_requests_total', 'counter', 'Read requests sent to DynamoDB.', snapshot.readRequests),
    ...metric('process_start_time_seconds', 'gauge', 'Start of the process.', snapshot.startedAt),
    ...metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', snapshot.residentMemory),
    ...metric('process_cpu_seconds_total', 'counter', 'User and system time.', snapshot.cpu),
    '',
  ].join('\n');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
