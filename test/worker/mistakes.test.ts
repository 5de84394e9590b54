import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { startWorker } from '../worker-process.ts';
import { clearStage, setStage } from './stage.ts';

describe('the worker as a process: started by mistake', function () {
  this.timeout(60_000);
  afterEach(clearStage);

  const refusal = async (env: Record<string, string>) => {
    const worker = startWorker(env);
    const code = await worker.ended;
    expect(worker.errors.join('\n')).not.to.match(/^\s+at /m);
    return `${code}\n${worker.errors.join('\n')}`;
  };

  it('names every problem of its configuration at once', async () => {
    const said = await refusal({ ONEFOLD_POLLERS: 'many', ONEFOLD_WRITES: 'maybe' });
    expect(said)
      .to.match(/^2\n/)
      .and.include('ONEFOLD_QUEUE_URL')
      .and.include('ONEFOLD_POLLERS')
      .and.include('ONEFOLD_WRITES');
  });

  it('refuses a queue that is not there', async () => {
    const { queue, env } = await setStage();
    const said = await refusal({ ...env, ONEFOLD_QUEUE_URL: `${queue.queueUrl}-typo` });
    expect(said)
      .to.match(/^2\nerror: .*typo/)
      .and.include('hint:');
  });

  it('refuses a queue without a redrive policy', async () => {
    const { queue, env } = await setStage();
    const Attributes = { RedrivePolicy: '' };
    await queue.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.queueUrl, Attributes }));
    expect(await refusal(env))
      .to.match(/^2\nerror: .*redrive policy/)
      .and.include('hint:');
  });

  it('refuses a table that is not there', async () => {
    const { env } = await setStage();
    const said = await refusal({ ...env, ONEFOLD_FEATURES_TABLE: 'no-such-table' });
    expect(said)
      .to.match(/^2\nerror: .*no-such-table/)
      .and.include('onefold setup');
  });

  it('refuses tables that are mixed up', async () => {
    const { tables, env } = await setStage();
    const { idempotencyTable, featuresTable } = tables;
    const said = await refusal({
      ...env,
      ONEFOLD_IDEMPOTENCY_TABLE: featuresTable,
      ONEFOLD_FEATURES_TABLE: idempotencyTable,
    });
    expect(said)
      .to.match(/^2\nerror: .*wrong key/)
      .and.include('hint:');
  });

  it('waits for backends that do not answer, says for which, and gives up with exit code 1', async () => {
    const { env } = await setStage();
    const worker = startWorker({ ...env, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }, ['worker', '--wait', '1']);
    expect(await worker.ended).to.equal(1);
    expect(worker.lines.map(({ msg }) => msg).join('\n')).to.match(/waiting: DynamoDB/);
    expect(worker.errors.join('\n')).to.match(/gave up after 1 s: DynamoDB/);
  });
});
