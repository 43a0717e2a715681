import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

// From dist/tests.
export const packageFolder = fileURLToPath(new URL("../../", import.meta.url));

interface Addresses {
  command_service: string;
  query_service: string;
  another_command_service: string;
  /** Files, of secure ones. */
  ca?: string;
  token?: string;
}

/** Real services; see clients/testing/deployment. */
export class Deployment {
  private constructor(
    private readonly process: ChildProcess,
    private readonly answers: AsyncIterator<string>,
    readonly addresses: Addresses,
  ) {}

  static async start(...options: string[]): Promise<Deployment> {
    const child = spawn("python3", [`${packageFolder}/../testing/deployment`, ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Deployment(child, answers, JSON.parse((await answers.next()).value));
  }

  kill(name: string): Promise<unknown> {
    return this.do(`kill ${name}`);
  }

  start(name: string): Promise<unknown> {
    return this.do(`start ${name}`);
  }

  async close(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.stdin?.end();
    await ended;
  }

  private do(line: string): Promise<unknown> {
    this.process.stdin?.write(`${line}\n`);
    return this.answers.next();
  }
}
