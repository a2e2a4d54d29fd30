/** Throws unless 1 <= rank <= min(rows, columns), with both in the message. */
export function requireRank(
  rank: number,
  { rows, columns }: { rows: number; columns: number },
  of = "",
): void {
  const most = Math.min(rows, columns);
  if (!Number.isInteger(rank) || rank < 1 || rank > most) {
    throw new RangeError(
      `\`rank\` must be an integer from 1 to ${most}${of} (${rows} x ${columns}), got ${String(rank)}`,
    );
  }
}
