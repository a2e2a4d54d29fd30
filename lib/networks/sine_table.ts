/** Angles of the table in a full turn. */
export const ANGLES = 1024;

/** Sine and cosine of every angle, side by side; computed within an eighth of a turn, where angles are exact enough. */
export const SINES: Float64Array = new Float64Array(2 * ANGLES);
for (let j = 0; j < ANGLES; j++) {
  const quarter = ANGLES / 4;
  const within = j % quarter;
  const isNear = within <= quarter / 2;
  const angle = (isNear ? within : quarter - within) * (Math.PI / 2 / quarter);
  const [s, c] = isNear ? [Math.sin(angle), Math.cos(angle)] : [Math.cos(angle), Math.sin(angle)];
  const turns = Math.floor(j / quarter);
  SINES[2 * j] = [s, c, -s, -c][turns];
  SINES[2 * j + 1] = [c, -s, -c, s][turns];
}
