import { and, asc, count, desc, eq, inArray, like, or } from "drizzle-orm";
import type { Id } from "../contract/names.ts";
import type { SnapshotLabel } from "../host/zfs/names.ts";
import type { Database } from "./database.ts";
import { groupRows, insertRows } from "./lists.ts";
import { type ImageStatus, imageCommand, imageEnv, imageInstructions, images, imageTags } from "./schema.ts";

export interface ImageTag {
  readonly name: string;
  readonly tag: string;
}

export interface ImageInstructionRow {
  readonly line: string;
  readonly snapshot: string;
}

/** An image as the database knows it. */
export interface ImageRecord {
  readonly id: Id;
  readonly status: ImageStatus;
  readonly snapshot: SnapshotLabel;
  readonly parentId: Id | null;
  readonly user: string;
  readonly workdir: string;
  readonly created: string;
  readonly tags: readonly ImageTag[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly instructions: readonly ImageInstructionRow[];
}

/** Images as users see them, newest first: those whose build or removal is under way are left out. */
export function listImageRecords(db: Database): ImageRecord[] {
  const rows = db
    .select()
    .from(images)
    .where(inArray(images.status, ["ready", "failed"]))
    .orderBy(desc(images.created))
    .all();
  return withLists(db, rows);
}

/** Those that a crash may have left half made or half removed. */
export function listUnfinishedImages(db: Database): { id: Id; status: ImageStatus }[] {
  return db
    .select({ id: images.id, status: images.status })
    .from(images)
    .where(inArray(images.status, ["creating", "removing"]))
    .all();
}

export function findImage(db: Database, id: Id): ImageRecord | undefined {
  return withLists(db, db.select().from(images).where(eq(images.id, id)).all())[0];
}

export function findImageByTag(db: Database, { name, tag }: ImageTag): ImageRecord | undefined {
  const row = db
    .select({ id: imageTags.imageId })
    .from(imageTags)
    .where(and(eq(imageTags.name, name), eq(imageTags.tag, tag)))
    .get();
  return row === undefined ? undefined : findImage(db, row.id);
}

/** The IDs of usable images that begin with `prefix`, which has hex digits only. */
export function findImageIds(db: Database, prefix: string): Id[] {
  return db
    .select({ id: images.id })
    .from(images)
    .where(and(like(images.id, `${prefix}%`), or(eq(images.status, "ready"), eq(images.status, "failed"))))
    .all()
    .map(({ id }) => id);
}

/** The row that comes before the first side effect. */
export function insertCreatingImage(
  db: Database,
  image: { id: Id; snapshot: SnapshotLabel; parentId: Id | null; created: string },
): void {
  db.insert(images)
    .values({ ...image, status: "creating", user: "", workdir: "" })
    .run();
}

export interface FinishedImage {
  readonly status: "ready" | "failed";
  readonly snapshot: SnapshotLabel;
  readonly user: string;
  readonly workdir: string;
  readonly tag: ImageTag | undefined;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly instructions: readonly ImageInstructionRow[];
}

/** Turns a `creating` image into a usable one, and gives it its tag, all at once. */
export function finishImage(db: Database, id: Id, finished: FinishedImage): void {
  const { tag, command, env, instructions, ...columns } = finished;
  db.transaction((tx) => {
    tx.update(images).set(columns).where(eq(images.id, id)).run();
    if (tag !== undefined) setTag(tx, id, tag);
    const commandRows = command.map((argument, position) => ({ imageId: id, position, argument }));
    insertRows(commandRows, (rows) => tx.insert(imageCommand).values(rows).run());
    const envRows = env.map((variable, position) => ({ imageId: id, position, variable }));
    insertRows(envRows, (rows) => tx.insert(imageEnv).values(rows).run());
    const instructionsRows = instructions.map((instruction, position) => ({ imageId: id, position, ...instruction }));
    insertRows(instructionsRows, (rows) => tx.insert(imageInstructions).values(rows).run());
  });
}

/** Gives the tag to this image; another image that had it loses it. */
export function setTag(db: Pick<Database, "insert">, imageId: Id, { name, tag }: ImageTag): void {
  db.insert(imageTags)
    .values({ name, tag, imageId })
    .onConflictDoUpdate({ target: [imageTags.name, imageTags.tag], set: { imageId } })
    .run();
}

export function removeTag(db: Database, { name, tag }: ImageTag): void {
  db.delete(imageTags)
    .where(and(eq(imageTags.name, name), eq(imageTags.tag, tag)))
    .run();
}

export function setImageStatus(db: Database, id: Id, status: ImageStatus): void {
  db.update(images).set({ status }).where(eq(images.id, id)).run();
}

export function deleteImage(db: Database, id: Id): void {
  db.delete(images).where(eq(images.id, id)).run();
}

/** Images that are being built from this one right now. */
export function findBuildsFrom(db: Database, parentId: Id): Id[] {
  return db
    .select({ id: images.id })
    .from(images)
    .where(and(eq(images.parentId, parentId), eq(images.status, "creating")))
    .all()
    .map(({ id }) => id);
}

export function countImages(db: Database): number {
  const row = db
    .select({ count: count() })
    .from(images)
    .where(inArray(images.status, ["ready", "failed"]))
    .get();
  return row?.count ?? 0;
}

function withLists(db: Database, rows: (typeof images.$inferSelect)[]): ImageRecord[] {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const only = rows.length === 1 ? ids : undefined;
  const tags = groupRows(
    db
      .select()
      .from(imageTags)
      .where(only && inArray(imageTags.imageId, only))
      .orderBy(asc(imageTags.name), asc(imageTags.tag))
      .all(),
    (row) => row.imageId,
    ({ name, tag }) => ({ name, tag }),
  );
  const commands = groupRows(
    db
      .select()
      .from(imageCommand)
      .where(only && inArray(imageCommand.imageId, only))
      .orderBy(asc(imageCommand.position))
      .all(),
    (row) => row.imageId,
    (row) => row.argument,
  );
  const envs = groupRows(
    db
      .select()
      .from(imageEnv)
      .where(only && inArray(imageEnv.imageId, only))
      .orderBy(asc(imageEnv.position))
      .all(),
    (row) => row.imageId,
    (row) => row.variable,
  );
  const instructions = groupRows(
    db
      .select()
      .from(imageInstructions)
      .where(only && inArray(imageInstructions.imageId, only))
      .orderBy(asc(imageInstructions.position))
      .all(),
    (row) => row.imageId,
    ({ line, snapshot }) => ({ line, snapshot }),
  );
  return rows.map((row) => ({
    ...row,
    tags: tags.get(row.id) ?? [],
    command: commands.get(row.id) ?? [],
    env: envs.get(row.id) ?? [],
    instructions: instructions.get(row.id) ?? [],
  }));
}

/** The first tag of every image that has one. */
export function listTags(db: Database): Map<Id, ImageTag> {
  const rows = db.select().from(imageTags).orderBy(desc(imageTags.name), desc(imageTags.tag)).all();
  return new Map(rows.map(({ imageId, name, tag }) => [imageId, { name, tag }]));
}
