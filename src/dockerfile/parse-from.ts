import { checkWords, type Draft, refuseFlags } from "./draft.ts";
import type { FromInstruction } from "./instruction.ts";
import { splitAtSpaces } from "./words.ts";

const STAGE = /^[a-z][a-z0-9_.-]*$/;

export function parseFrom(draft: Draft): FromInstruction | undefined {
  refuseFlags(draft, ["platform"]);
  const [image, as, name, ...more] = splitAtSpaces(draft.text);
  if (image === undefined) return draft.refuse("the image is missing: FROM takes name:tag or name:tag@snapshot");
  checkWords(draft, [image]);
  if (as === undefined) return { kind: "from", ...draft.place, image, stage: undefined };
  if (as.toUpperCase() !== "AS" || name === undefined || more.length > 0) {
    return draft.refuse(`FROM takes an image, or an image, AS and a name: ${draft.text}`);
  }
  const stage = name.toLowerCase();
  if (!STAGE.test(stage)) {
    return draft.refuse(
      `"${name}" is not a stage's name: it begins with a letter and has letters, digits, "_", "." and "-"`,
    );
  }
  return { kind: "from", ...draft.place, image, stage };
}
