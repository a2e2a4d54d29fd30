/** A folder as a git repository of its own, to see what a program changes in it. */

/** Makes the folder a repository and commits everything in it. */
export async function repository(folder: string): Promise<void> {
  await git(folder, "init", "--quiet");
  await Deno.writeTextFile(`${folder}/.gitignore`, ".ipynb_checkpoints/\n");
  await git(folder, "add", "--all");
  await git(
    folder,
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@localhost",
    "commit",
    "--quiet",
    "-m",
    "stored",
  );
}

/** Runs git in the folder; returns its output. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args: ["-C", folder, ...args] })
    .output();
  const text = new TextDecoder();
  if (!success) throw new Error(`git ${args.join(" ")} failed: ${text.decode(stderr)}`);
  return text.decode(stdout);
}
