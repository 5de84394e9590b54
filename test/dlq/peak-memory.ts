/** For `node --import`: the process's last line on standard error is the most memory that it had, in MB. */
process.on('exit', () => process.stderr.write(`${Math.round(process.resourceUsage().maxRSS / 1_000)}\n`));
