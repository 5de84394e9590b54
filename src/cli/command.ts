/** How a command ends the process; only main.ts does it. */
export interface Exit {
  /** Sets the code with which the process ends when the command is done. */
  with(code: number): void;
  /** Ends the process here and now. */
  now(code: number): void;
}
