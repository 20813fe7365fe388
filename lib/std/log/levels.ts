/**
 * The levels of loggers, handlers and records.
 *
 * @module
 */

/** The number of each level by its name; a higher one is more severe. */
export const LogLevels = {
  /** Lets every record through. */
  NOTSET: 0,
  /** What helps while looking for a fault. */
  DEBUG: 10,
  /** What happens in normal operation. */
  INFO: 20,
  /** What is unexpected and does no harm yet. */
  WARN: 30,
  /** What failed. */
  ERROR: 40,
  /** What keeps the program from going on. */
  CRITICAL: 50,
} as const;

/** The name of a level. */
export type LevelName = keyof typeof LogLevels;

/** The number of a level. */
export type LogLevel = typeof LogLevels[LevelName];

/** The names of all levels, the least severe first. */
export const LogLevelNames: LevelName[] = Object.keys(LogLevels) as LevelName[];

/**
 * Looks a level up by its name.
 *
 * @param name the level's name
 * @returns the level's number
 * @throws {Error} if there is no such level
 */
export function getLevelByName(name: LevelName): LogLevel {
  if (!Object.hasOwn(LogLevels, name)) {
    throw new Error(`Cannot get log level: no level is named "${name}"`);
  }
  return LogLevels[name];
}

/**
 * Looks the name of a level up.
 *
 * @param level the level's number
 * @returns the level's name
 * @throws {Error} if there is no such level
 */
export function getLevelName(level: LogLevel): LevelName {
  const name = LogLevelNames.find((name) => LogLevels[name] === level);
  if (name === undefined) {
    throw new Error(`Cannot get log level name: no level has number ${level}`);
  }
  return name;
}
