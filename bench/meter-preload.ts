/** Loaded with --import into every worker process that the bench starts. */
import { startMeter, tellTheBench } from './meter.ts';

tellTheBench(startMeter({ runUp: Number(process.env.BENCH_RUN_UP ?? 0) }));
