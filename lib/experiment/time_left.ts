/**
 * How long work still takes, in words such as "about 15 s to go"; empty while it is too early to tell.
 *
 * @param fraction Share of the work that is done, 0 to 1.
 * @param seconds Seconds since the start.
 * @param before Share that was done at the start, such as trials that were kept from an earlier run; default
 * 0.
 */
export function timeLeft(fraction: number, seconds: number, before = 0): string {
  const done = fraction - before;
  if (!(done > 0.02 && seconds > 1)) return "";
  const left = seconds * (1 - fraction) / done;
  return `about ${left < 90 ? `${Math.max(1, Math.round(left))} s` : `${Math.round(left / 60)} min`} to go`;
}
