/**
 * The credentials that a challenge asks for.
 *
 * @module
 */

/** A user and a password. */
export interface Credentials {
  /** The user. */
  readonly user: string;
  /** The password. */
  readonly password: string;
}

/** The realm of all challenges. */
export const REALM = "ws-echo-server";
