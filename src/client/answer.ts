import { ERROR_CODES, type ErrorCode, KleeneError } from "../errors.ts";

/** The JSON of an answer, undefined without a body. @throws KleeneError with the daemon's message and code */
export async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  const body = parseJson(text);
  if (!response.ok) {
    const { message, code } = isRecord(body) ? body : {};
    throw new KleeneError(
      toErrorCode(code) ?? STATUS_CODE[response.status] ?? "internal",
      typeof message === "string" && message !== "" ? message : `the daemon answered with status ${response.status}`,
    );
  }
  if (text !== "" && body === undefined)
    throw new KleeneError("unavailable", "the answer is not one of Kleene's daemon");
  return body;
}

/** For daemons that send no code: Kleened. */
const STATUS_CODE: Readonly<Record<number, ErrorCode>> = { 400: "invalid", 404: "not-found", 409: "conflict" };

export function toErrorCode(code: unknown): ErrorCode | undefined {
  return ERROR_CODES.find((known) => known === code);
}

/** @returns undefined for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
