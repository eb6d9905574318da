// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like that
import { describe, expect, test } from "bun:test";
import { ExpansionError, expandWord } from "../../../src/dockerfile/expand.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  A: "1",
  B: "b  b",
  EMPTY: "",
  PATH: "/usr/local/bin:/bin",
  FILE: "dir/archive.tar.gz",
  STARS: "a*b*c",
  한: "국",
};
const lookup = (name: string) => (Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined);
const expand = (word: string) => expandWord(word, lookup, "\\");

describe("expandWord", () => {
  test.each([
    ["plain", "plain"],
    ["$A", "1"],
    ["x${A}y$A-$A/z", "x1y1-1/z"],
    ["$AB", ""],
    ["${NONE}x", "x"],
    ["$한x", ""],
    ["${한}x", "국x"],
    ["$", "$"],
    ["a$ b", "a$ b"],
    ["$/x", "$/x"],
    ["$$", ""],
    ["$1x$12x", "xx"],
    ["$B", "b  b"],
    ["#$A", "#1"],
  ])("replaces variables: %p is %p", (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  test.each([
    ["'$A'", "$A"],
    ["'a\\'b", "a\\b"],
    ['"$A"', "1"],
    ['"${A}\'s"', "1's"],
    ["a\"b c\"'d e'f", "ab cd ef"],
    ["\\$A", "$A"],
    ["\\a\\ \\\\", "a \\"],
    ["a\\", "a"],
    ['"\\$A \\" \\\\ \\a"', '$A " \\ \\a'],
    ['"it\'s"', "it's"],
    ['""', ""],
  ])("removes quotes: %p is %p", (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  test.each([
    ["${A:-x}", "1"],
    ["${EMPTY:-x}", "x"],
    ["${EMPTY-x}", ""],
    ["${NONE:-x}", "x"],
    ["${NONE-x}", "x"],
    ["${A:+x}", "x"],
    ["${EMPTY:+x}", ""],
    ["${EMPTY+x}", "x"],
    ["${NONE:+x}", ""],
    ["${NONE+x}", ""],
    ["${A:?x}${A?x}${EMPTY?x}", "11"],
    ["${NONE:-$B}", "b  b"],
    ["${NONE:-${ALSO:-${A}}}y", "1y"],
    ["${NONE:-'}'}", "}"],
    ["${NONE:-a\\}b}", "a}b"],
    ['"${NONE:-x y}"', "x y"],
    ["${NONE:-}", ""],
  ])("follows the modifiers of the Bourne shell: %p is %p", (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  test.each([
    ["${PATH#*/}", "usr/local/bin:/bin"],
    ["${PATH##*/}", "bin"],
    ["${PATH%/*}", "/usr/local/bin:"],
    ["${PATH%%/*}", ""],
    ["${FILE%.*}", "dir/archive.tar"],
    ["${FILE%%.*}", "dir/archive"],
    ["${FILE#???/}", "archive.tar.gz"],
    ["${FILE#none}", "dir/archive.tar.gz"],
    ["${STARS#a\\*}", "b*c"],
    ["${STARS#'a*'}", "b*c"],
    ["${STARS##*b}", "*c"],
    ["${STARS/'*'/+}", "a+b*c"],
    ["${STARS//'*'/$&}", "a$&b$&c"],
    ["${FILE//a?/_}", "dir/_chive.t_.gz"],
    ["${FILE/./}", "dir/archivetar.gz"],
    ["${FILE//[.]/x}", "dir/archive.tar.gz"],
    ["${STARS//}x", "error"],
    ["${NONE#x}", ""],
  ])("cuts and replaces parts of a value: %p is %p", (word, expected) => {
    if (expected === "error") expect(() => expand(word)).toThrow(ExpansionError);
    else expect(expand(word)).toBe(expected);
  });

  test.each([
    ['"a', 'no closing double quote in "a'],
    ["'a", "no closing single quote in 'a"],
    ["${A", 'no closing "}" in ${A'],
    ["${A:", 'no closing "}" in ${A:'],
    ["${A:-x", 'no closing "}" in ${A:-x'],
    ["${}", 'a variable\'s name is missing after "${" in ${}'],
    ["${", 'a variable\'s name is missing after "${" in ${'],
    ["${A=x}", '"${A=" is not supported'],
    ["${A:=x}", '"${A:=" is not supported'],
    ["${NONE:?}", "NONE: it is not set"],
    ["${EMPTY:?}", "EMPTY: it is empty"],
    ["${NONE?give $A}", "NONE: give 1"],
  ])("says what is wrong with %p", (word, message) => {
    expect(() => expand(word)).toThrow(new ExpansionError(message));
  });

  test("quotes with the escape character that the parser directive chose", () => {
    expect(expandWord('c:\\d`$A "`$A" $A', lookup, "`")).toBe("c:\\d$A $A 1");
  });

  test("takes no property of objects for a variable", () => {
    expect(expand("${constructor}${__proto__}")).toBe("");
  });
});

describe("a value", () => {
  test("that grows beyond what a program can be given is refused", () => {
    const long = "x".repeat(128 * 1024 - 1);
    const withLong = (word: string) => expandWord(word, () => long, "\\");
    expect(withLong("$V")).toBe(long);
    expect(() => withLong("$V$V")).toThrow(
      new ExpansionError("the value is too long: more than 131072 characters, or too many for a pattern"),
    );
    expect(() => withLong("${V//x/$V}${V//x/$V}")).toThrow(ExpansionError);
    expect(() => withLong("$V".repeat(100_000))).toThrow(ExpansionError);
  });

  test("that a pattern would take minutes for is refused", () => {
    const long = "x".repeat(100_000);
    expect(() => expandWord("${V//*y/z}", () => long, "\\")).toThrow(ExpansionError);
    expect(() => expandWord("${V%%?*?*?*y}", () => long, "\\").length).not.toThrow(TypeError);
  });
});
