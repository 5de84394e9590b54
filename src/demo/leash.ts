/** Loaded before the demo's children: one whose demo was killed stops, as at SIGTERM, instead of working on alone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// To wait for that must not keep it running.
process.channel?.unref();
