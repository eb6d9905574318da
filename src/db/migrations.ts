import state from "./migrations/0000_state.sql" with { type: "text" };

/** Every migration, oldest first; only ever appended to. The database's `user_version` counts the applied ones. */
export const MIGRATIONS: readonly string[] = [state];
