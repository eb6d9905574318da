import { type Draft, refuseFlags } from "./draft.ts";
import type { CmdInstruction, Command, RunInstruction } from "./instruction.ts";
import { readJsonForm } from "./json-form.ts";

export function parseRun(draft: Draft): RunInstruction | undefined {
  refuseFlags(draft, ["mount", "network", "security", "device"]);
  const command = parseCommand(draft);
  if (command?.form === "exec" && command.argv.length === 0) return draft.refuse("the command is missing");
  return command && { kind: "run", ...draft.place, command };
}

/** `CMD []` is allowed: it takes back the parent image's. */
export function parseCmd(draft: Draft): CmdInstruction | undefined {
  refuseFlags(draft);
  const command = parseCommand(draft);
  return command && { kind: "cmd", ...draft.place, command };
}

function parseCommand(draft: Draft): Command | undefined {
  if (draft.text === "") return draft.refuse("the command is missing");
  const json = readJsonForm(draft.text);
  switch (json.kind) {
    case "array":
      if (json.ignored !== "") draft.warn(`the text behind the JSON array is ignored: ${json.ignored}`);
      return { form: "exec", argv: json.items };
    case "refused":
      return draft.refuse(json.reason);
    case "malformed":
      draft.warn("this looks like the JSON form but is not valid JSON, so a shell runs it as it stands");
      return { form: "shell", text: draft.text };
    case "none":
      return { form: "shell", text: draft.text };
  }
}
