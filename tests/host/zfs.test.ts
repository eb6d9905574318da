import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { describeZfs } from "../conformance/zfs.ts";

describeZfs("zfs(8)", createZfs);
