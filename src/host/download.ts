import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { KleeneError, systemErrorCode } from "../errors.ts";

export interface DownloadOptions {
  /** Hex digits; the file is refused when its SHA-256 checksum is another. */
  readonly sha256?: string;
  /** Bytes so far, and in all where the server says so. */
  readonly onProgress?: (done: number, total: number | null) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads an http(s) URL into a new file. What was written of a failed download is the caller's to remove.
 *
 * @throws KleeneError `unavailable` when the server does not answer or says no, `invalid` for a wrong checksum,
 * `no-space`, `canceled`
 */
export async function downloadFile(url: string, destination: string, options: DownloadOptions = {}): Promise<void> {
  const shown = withoutPassword(url);
  const response = await request(url, options.signal);
  const length = response.headers.get("content-length");
  const total = length === null ? null : Number(length);
  const hash = new Bun.CryptoHasher("sha256");
  let done = 0;
  const file = await open(destination, "wx", 0o600);
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      await file.writeFile(chunk);
      done += chunk.byteLength;
      options.onProgress?.(done, total);
    }
  } catch (error) {
    throw downloadError(shown, error, options.signal);
  } finally {
    await file.close();
  }
  if (total !== null && response.headers.get("content-encoding") === null && done !== total) {
    throw new KleeneError("unavailable", `${shown} ended after ${done} of ${total} bytes`);
  }
  checkSum(shown, hash, options.sha256);
}

/** @throws KleeneError `invalid` when the file's checksum is another, `not-found` when it cannot be read */
export async function verifyFile(path: string, sha256: string, signal?: AbortSignal): Promise<void> {
  const hash = new Bun.CryptoHasher("sha256");
  try {
    for await (const chunk of createReadStream(path, signal === undefined ? {} : { signal })) hash.update(chunk);
  } catch (error) {
    if (signal?.aborted) throw new KleeneError("canceled", `reading ${path} was canceled`);
    throw new KleeneError("not-found", `cannot read ${path}`, { cause: error });
  }
  checkSum(path, hash, sha256);
}

/** A URL as it may stand in a message or a log. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1");
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    throw downloadError(withoutPassword(url), error, signal);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new KleeneError(
      "unavailable",
      `cannot download ${withoutPassword(url)}: the server answered ${response.status}`,
    );
  }
  return response;
}

function downloadError(url: string, error: unknown, signal: AbortSignal | undefined): KleeneError {
  if (signal?.aborted) return new KleeneError("canceled", `the download of ${url} was canceled`);
  const code = systemErrorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new KleeneError("no-space", `no space for the download of ${url}`, { cause: error });
  }
  return new KleeneError("unavailable", `cannot download ${url}`, { cause: error });
}

function checkSum(what: string, hash: Bun.CryptoHasher, expected: string | undefined): void {
  if (expected === undefined) return;
  const actual = hash.digest("hex");
  if (actual !== expected.toLowerCase()) {
    throw new KleeneError("invalid", `${what} has the SHA-256 checksum ${actual}, not ${expected.toLowerCase()}`);
  }
}
