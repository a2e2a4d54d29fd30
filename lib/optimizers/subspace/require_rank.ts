import { describeValue, requireInteger } from "../../arrays/mod.ts";

/** Throws unless 1 <= rank <= min(rows, columns), with both in the message. */
export function requireRank(
  rank: number,
  { rows, columns }: { rows: number; columns: number },
  of = "",
): void {
  requireInteger("rows", rows, { min: 1 });
  requireInteger("columns", columns, { min: 1 });
  const most = Math.min(rows, columns);
  if (!Number.isInteger(rank) || rank < 1 || rank > most) {
    const ErrorClass = typeof rank === "number" ? RangeError : TypeError;
    throw new ErrorClass(
      `\`rank\` must be an integer from 1 to ${most}${of} (${rows} x ${columns}), got ${describeValue(rank)}`,
    );
  }
}
