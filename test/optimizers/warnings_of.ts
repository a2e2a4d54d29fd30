/** Runs `body` and returns what it warned about on the console. */
export function warningsOf(body: () => void): string[] {
  const seen: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => seen.push(text);
  try {
    body();
  } finally {
    console.warn = warn;
  }
  return seen;
}
