/** What is bundled behind tfjs-core's tests: runs them. */
declare const jasmine: { getEnv(): { execute(): Promise<unknown> } };

await jasmine.getEnv().execute();
Deno.exit(0);
