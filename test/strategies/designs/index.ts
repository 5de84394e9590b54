import { onefold } from '../../explorer/onefold.ts';
import type { Design } from '../design.ts';
import { cachedAnswer } from './cached-answer.ts';
import { clientIdAsKey } from './client-id-as-key.ts';
import { clientIdAsKeyOnce } from './client-id-as-key-once.ts';
import { expiringLock } from './expiring-lock.ts';
import { indexChecked } from './index-checked.ts';
import { recordThenIndex } from './record-then-index.ts';
import { recordThenReject } from './record-then-reject.ts';
import { transaction } from './transaction.ts';

/** The real pipeline, store adapter and settling, as it runs in production. */
const twoSteps: Design = {
  number: '8',
  name: 'two-step get-or-create (Onefold)',
  ownId: true,
  assumes: 'neither table ever forgets an item',
  subject: onefold(),
};

/** In the order in which people try them. */
export const DESIGNS: Design[] = [
  clientIdAsKey,
  clientIdAsKeyOnce,
  indexChecked,
  recordThenReject,
  recordThenIndex,
  expiringLock,
  transaction,
  cachedAnswer,
  twoSteps,
];
