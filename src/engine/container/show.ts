import type { Container } from "../../contract/container.ts";
import type { ContainerRecord } from "../../db/containers.ts";
import type { Layout } from "../layout.ts";

/** A container as the API shows it. */
export function showContainer(layout: Layout, container: ContainerRecord): Container {
  return {
    id: container.id,
    name: container.name,
    image_id: container.imageId,
    cmd: [...container.command],
    user: container.user,
    env: [...container.env],
    network_driver: container.networkDriver,
    public_ports: [],
    jail_param: [...container.jailParameters],
    restart_policy: container.restartPolicy,
    persist: container.persist,
    created: container.created,
    dataset: layout.container(container.id),
    running: container.status === "running",
    status: container.status,
    exit_code: container.exitCode,
    started: container.started,
    finished: container.finished,
    workdir: container.workdir,
    auto_remove: container.autoRemove,
  };
}
