/** Radius (in the Euclidean norm of 64 pixels in [0, 1]) of the attack and of the certificate on digits. */
export const RADIUS = 0.5;
