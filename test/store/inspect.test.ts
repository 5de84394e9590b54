import {
  BatchExecuteStatementCommand,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { BackendUnreachable, OperatorMistake } from '../../src/errors.ts';
import { inspectTables } from '../../src/store/inspect.ts';

const names = { idempotencyTable: 'ids', featuresTable: 'features' };

/** Two tables as they should be, which answer the probe's INSERTs with this code inside HTTP 200. */
function inspect(code: string): Promise<unknown> {
  const send = async (command: unknown) => {
    if (command instanceof DescribeTableCommand) {
      const key = command.input.TableName === 'ids' ? 'clientFeatureId' : 'featureId';
      return {
        Table: {
          KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        },
      };
    }
    if (command instanceof BatchExecuteStatementCommand) {
      return { Responses: command.input.Statements?.map(() => ({ Error: { Code: code, Message: 'so it is' } })) };
    }
    throw new ConditionalCheckFailedException({ $metadata: {}, message: 'refused, as it should be' });
  };
  const client = { send } as unknown as DynamoDBClient;
  return inspectTables({ client, names, writes: 'batch' }).then(
    () => 'ready',
    (error: unknown) => error,
  );
}

describe('the look at the tables before the first receive', () => {
  it('is content when the INSERT that no table can take is refused for what it holds', async () => {
    expect(await inspect('ValidationError')).to.equal('ready');
  });

  it('waits for tables that are throttled or in trouble, and calls that no mistake', async () => {
    for (const code of ['ThrottlingError', 'ProvisionedThroughputExceeded', 'InternalServerError']) {
      expect(await inspect(code), code).to.be.instanceOf(BackendUnreachable);
    }
  });

  it('calls a missing permission a mistake, and names it', async () => {
    const error = await inspect('AccessDenied');
    expect(error).to.be.instanceOf(OperatorMistake);
    expect(String(error)).to.match(/table ids .*AccessDenied so it is/);
  });
});
