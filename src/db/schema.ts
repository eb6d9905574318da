import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ContainerStatus, NetworkDriver, RestartPolicy } from "../contract/container.ts";
import type { Id } from "../contract/names.ts";
import type { SnapshotLabel } from "../host/zfs/names.ts";

/** `creating` and `removing` are undone or finished by the reconcile pass; `failed` is what a failed build keeps. */
export type ImageStatus = "creating" | "ready" | "failed" | "removing";
export type ExecStatus = "created" | "running" | "exited";

export const images = sqliteTable("images", {
  id: text().$type<Id>().primaryKey(),
  status: text().$type<ImageStatus>().notNull(),
  /** Of the image's own dataset: what is cloned when no other snapshot is named. */
  snapshot: text().$type<SnapshotLabel>().notNull(),
  /** The image it was built from; that one may be gone by now. */
  parentId: text("parent_id").$type<Id>(),
  user: text().notNull(),
  workdir: text().notNull(),
  created: text().notNull(),
});

export const imageTags = sqliteTable(
  "image_tags",
  {
    name: text().notNull(),
    tag: text().notNull(),
    imageId: text("image_id")
      .$type<Id>()
      .notNull()
      .references(() => images.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.name, table.tag] }), index("image_tags_image").on(table.imageId)],
);

export const imageCommand = sqliteTable(
  "image_command",
  {
    imageId: text("image_id")
      .$type<Id>()
      .notNull()
      .references(() => images.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    argument: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.imageId, table.position] })],
);

export const imageEnv = sqliteTable(
  "image_env",
  {
    imageId: text("image_id")
      .$type<Id>()
      .notNull()
      .references(() => images.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    variable: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.imageId, table.position] })],
);

export const imageInstructions = sqliteTable(
  "image_instructions",
  {
    imageId: text("image_id")
      .$type<Id>()
      .notNull()
      .references(() => images.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    line: text().notNull(),
    /** The snapshot taken after it, or "". */
    snapshot: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.imageId, table.position] })],
);

export const containers = sqliteTable(
  "containers",
  {
    id: text().$type<Id>().primaryKey(),
    name: text().notNull().unique(),
    status: text().$type<ContainerStatus>().notNull(),
    imageId: text("image_id")
      .$type<Id>()
      .notNull()
      .references(() => images.id),
    user: text().notNull(),
    workdir: text().notNull(),
    networkDriver: text("network_driver").$type<NetworkDriver>().notNull(),
    restartPolicy: text("restart_policy").$type<RestartPolicy>().notNull(),
    persist: integer({ mode: "boolean" }).notNull(),
    autoRemove: integer("auto_remove", { mode: "boolean" }).notNull(),
    created: text().notNull(),
    started: text(),
    finished: text(),
    exitCode: integer("exit_code"),
  },
  (table) => [index("containers_image").on(table.imageId)],
);

export const containerCommand = sqliteTable(
  "container_command",
  {
    containerId: text("container_id")
      .$type<Id>()
      .notNull()
      .references(() => containers.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    argument: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.containerId, table.position] })],
);

export const containerEnv = sqliteTable(
  "container_env",
  {
    containerId: text("container_id")
      .$type<Id>()
      .notNull()
      .references(() => containers.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    variable: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.containerId, table.position] })],
);

export const containerJailParameters = sqliteTable(
  "container_jail_parameters",
  {
    containerId: text("container_id")
      .$type<Id>()
      .notNull()
      .references(() => containers.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    parameter: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.containerId, table.position] })],
);

export const execs = sqliteTable(
  "execs",
  {
    id: text().$type<Id>().primaryKey(),
    containerId: text("container_id")
      .$type<Id>()
      .notNull()
      .references(() => containers.id, { onDelete: "cascade" }),
    status: text().$type<ExecStatus>().notNull(),
    /** It started the container: its exit status is the container's. */
    first: integer({ mode: "boolean" }).notNull(),
    user: text().notNull(),
    created: text().notNull(),
    exitCode: integer("exit_code"),
  },
  (table) => [index("execs_container").on(table.containerId)],
);

export const execCommand = sqliteTable(
  "exec_command",
  {
    execId: text("exec_id")
      .$type<Id>()
      .notNull()
      .references(() => execs.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    argument: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.execId, table.position] })],
);

export const execEnv = sqliteTable(
  "exec_env",
  {
    execId: text("exec_id")
      .$type<Id>()
      .notNull()
      .references(() => execs.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    variable: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.execId, table.position] })],
);
