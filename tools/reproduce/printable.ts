/** Control characters but for tab and line feed, from which escape sequences are made. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/** Text that is safe on a terminal: control characters, and so escape sequences, are shown as `\x1b`. */
export function printable(text: string): string {
  return text.replace(CONTROL, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
