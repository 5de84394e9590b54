import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  ResourceNotFoundException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../src/store/tables.ts';

/** Errors as the SDK throws them. */

const $metadata = { httpStatusCode: 400 };

export const validation = (message: string): Error =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata, message });

export const throttled = (): Error =>
  new DynamoDBServiceException({ name: 'ThrottlingException', $fault: 'client', $metadata, message: 'Rate exceeded' });

export const noSuchTable = (table: string): Error =>
  new ResourceNotFoundException({ $metadata, message: `Requested resource not found: ${table}` });

export const conditionFailed = (Item: Item | undefined): Error =>
  new ConditionalCheckFailedException({
    $metadata,
    message: 'The conditional request failed',
    ...(Item === undefined ? {} : { Item }),
  });

export const transactionCancelled = (codes: string[]): Error =>
  new TransactionCanceledException({
    $metadata,
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    CancellationReasons: codes.map(Code => ({ Code })),
  });

/** The request may have been applied, and nobody will say so. */
export const connectionReset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
