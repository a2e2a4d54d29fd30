/**
 * The error for data whose npm package cannot be loaded: optional packages are installed by who needs them.
 *
 * @param data What was asked for.
 * @param name The package that has it.
 * @param version The version whose bytes are known.
 * @param cause What was thrown when it was loaded.
 */
export function missingPackage(data: string, name: string, version: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `${data} needs the npm package ${name} ${version} (npm install ${name}@${version}): ${message}`,
    { cause },
  );
}
