import type { Executor } from "../../host/exec.ts";
import { createJail } from "../../host/jail/jail.ts";
import { kernelJailName } from "../../host/jail/name.ts";
import type { Jail, Process } from "../runtime.ts";
import { resolveUser } from "../user.ts";
import type { ExecSpec } from "./exec-spec.ts";
import { type JailKind, jailConf } from "./jail-conf.ts";
import type { JailFiles } from "./jail-files.ts";
import { prepareMountPoints } from "./mount-points.ts";

/** Makes a jail without processes. When it fails nothing is left. @throws KleeneError as `Runtime` says */
export async function makeJail(
  executor: Pick<Executor, "exec">,
  files: JailFiles,
  jail: Jail,
  kind: JailKind,
): Promise<void> {
  const conf = jailConf(jail, kind);
  await prepareMountPoints(jail);
  await files.write(jail.name, conf);
  try {
    await createJail(executor, files.file(jail.name));
  } catch (error) {
    await files.remove(jail.name);
    throw error;
  }
}

/** What the helper is to become: the user as numbers, the program as it was given. @throws KleeneError `invalid` */
export async function describeProcess(
  jail: Jail,
  { argv, env, user, cwd }: Process,
  pidFile: string | null,
): Promise<ExecSpec> {
  const { uid, gid, groups } = await resolveUser(jail.root, user);
  return { jail: kernelJailName(jail.name), argv, env, uid, gid, groups, cwd, pidFile };
}
