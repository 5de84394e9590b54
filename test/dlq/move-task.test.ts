import { expect } from 'chai';
import { moveByAws } from '../../src/cli/dlq/via-aws.ts';
import { cancelMove, type MoveTask, startMove, watchMove } from '../../src/dlq/move-task.ts';
import { type Request, scriptedSqs, sdkError } from '../queue/scripted-sqs.ts';
import { createStage, DEAD, SOURCE } from './stage.ts';

describe("SQS's own redrive", () => {
  const { clock, queue } = createStage();
  const task = (Status: string, moved: number, started = 1) => ({
    ...{ Status, TaskHandle: `task ${started}`, StartedTimestamp: started },
    ...{ ApproximateNumberOfMessagesMoved: moved, ApproximateNumberOfMessagesToMove: 10 },
  });

  async function watch(answer: (request: Request, n: number) => unknown, signal = new AbortController().signal) {
    const progress: number[] = [];
    const { sqs } = scriptedSqs(answer);
    const onProgress = ({ moved }: MoveTask) => progress.push(moved);
    const watching = watchMove({ sqs, queue, clock, signal, onProgress }).catch(error => error);
    await clock.advance(60_000);
    return { ending: await watching, progress };
  }

  it('is told where to move to, as it does not know that of letters that the worker has parked', async () => {
    const { sqs, requests } = scriptedSqs(() => ({}));
    await startMove({ sqs, queue, perSecond: 7 });
    expect(requests.map(({ command, input }) => ({ command, ...input }))).to.deep.equal([
      {
        command: 'StartMessageMoveTaskCommand',
        ...{ SourceArn: DEAD.arn, DestinationArn: SOURCE.arn, MaxNumberOfMessagesPerSecond: 7 },
      },
    ]);
  });

  it('is watched each second until it ends, through failures that pass', async () => {
    const { ending, progress } = await watch((_, n) => {
      if (n === 1) throw sdkError('InternalError', 500);
      return { Results: [task('COMPLETED', 9, 0), task(n < 4 ? 'RUNNING' : 'COMPLETED', n)] };
    });
    expect(ending).to.include({ status: 'COMPLETED', moved: 4, toMove: 10 });
    expect(progress).to.deep.equal([0, 2, 3, 4]);
  });

  it('goes on when the watching ends', async () => {
    const ctrlC = new AbortController();
    const { ending } = await watch((_, n) => {
      if (n === 2) ctrlC.abort();
      return { Results: [task('RUNNING', n)] };
    }, ctrlC.signal);
    expect(ending).to.include({ status: 'RUNNING', moved: 2 });
  });

  it('is cancelled where one runs', async () => {
    const running = scriptedSqs(({ command }) =>
      command.startsWith('Cancel') ? { ApproximateNumberOfMessagesMoved: 5 } : { Results: [task('RUNNING', 3)] },
    );
    expect(await cancelMove({ sqs: running.sqs, queue, clock })).to.include({ moved: 5 });
    expect(running.requests.at(-1)?.input).to.deep.equal({ TaskHandle: 'task 1' });
    const over = scriptedSqs(() => ({ Results: [task('COMPLETED', 3)] }));
    expect(await cancelMove({ sqs: over.sqs, queue, clock })).to.equal(undefined);
    expect(over.requests).to.have.length(1);
  });

  it('is explained where the backend has none, and where one runs already', async () => {
    const refused = async (error: Error) => {
      const { sqs } = scriptedSqs(() => {
        throw error;
      });
      return startMove({ sqs, queue }).catch(refusal => refusal);
    };
    expect(await refused(sdkError('InvalidAction', 400)))
      .to.have.property('hint')
      .that.match(/without --via aws/);
    const second = await refused(sdkError('InvalidParameterValue', 400, 'There is already a task running.'));
    expect(second.message).to.match(/There is already a task running/);
    expect(second.hint).to.match(/one move task at a time/);
    expect(await refused(sdkError('ServiceUnavailable', 503))).to.have.property('name', 'CommandFailed');
  });

  for (const servedQueues of [['features', 'orders'], undefined]) {
    const whose = servedQueues ? 'are of another queue too' : 'may be of another queue';
    it(`does not move letters that ${whose}, unless forced`, async () => {
      const { sqs, requests } = scriptedSqs(({ command }) => (command.startsWith('Get') ? { Attributes: {} } : {}));
      const session = { sqs, queue: { ...queue, servedQueues }, clock, signal: new AbortController().signal };
      const move = (force: boolean) => moveByAws({ via: 'aws', yes: true, force }, session as never);
      expect(await move(false).catch(error => error)).to.have.property('name', 'OperatorMistake');
      expect(requests.map(({ command }) => command)).not.to.include('StartMessageMoveTaskCommand');
      await move(true).catch(() => undefined); // the script knows no task to watch
      expect(requests.map(({ command }) => command)).to.include('StartMessageMoveTaskCommand');
    });
  }
});
