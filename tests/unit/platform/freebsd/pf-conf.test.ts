import { describe, expect, test } from "bun:test";
import { missingAnchors, withAnchors } from "../../../../src/platform/freebsd/pf-conf.ts";

const ANCHORS = 'nat-anchor "kleene/*"\nrdr-anchor "kleene/*"\nanchor "kleene/*"\n';

describe("pf.conf", () => {
  test("is made of the anchors alone where there is none", () => {
    expect(withAnchors("")).toEndWith(`\n${ANCHORS}`);
    expect(missingAnchors(withAnchors(""))).toEqual([]);
  });

  test("gets translation before the first filter rule and its comment, filtering last", () => {
    const text = `ext = "vtnet0"
table <bad> { 10.0.0.1, \\
  10.0.0.2 }
set skip on lo0
scrub in all
nat on $ext from any to any -> ($ext)

# what comes in
block in all # pass nothing
pass out quick keep state
`;
    expect(withAnchors(text)).toBe(`ext = "vtnet0"
table <bad> { 10.0.0.1, \\
  10.0.0.2 }
set skip on lo0
scrub in all
nat on $ext from any to any -> ($ext)

nat-anchor "kleene/*"
rdr-anchor "kleene/*"
# what comes in
block in all # pass nothing
pass out quick keep state
anchor "kleene/*"
`);
  });

  test("gets only what it lacks, and nothing twice", () => {
    const text = '  nat-anchor   "kleene/*"\n#rdr-anchor "kleene/*"\nanchor kleene/*\npass\n';
    expect(missingAnchors(text)).toEqual(['rdr-anchor "kleene/*"']);
    const changed = withAnchors(text);
    expect(changed).toBe(
      '  nat-anchor   "kleene/*"\nrdr-anchor "kleene/*"\n#rdr-anchor "kleene/*"\nanchor kleene/*\npass\n',
    );
    expect(missingAnchors(changed)).toEqual([]);
    expect(withAnchors(changed)).toBe(changed);
  });

  test("takes no line inside a list or a continued line for a rule", () => {
    const text = 'hosts = "{ a, \\\npass }"\nrdr pass on em0 proto { tcp\nudp } from any \\\n  to any -> 10.0.0.1\n';
    expect(withAnchors(text)).toBe(text + ANCHORS);
  });

  test("keeps other anchors of translation before, and of filtering after", () => {
    const text = 'nat-anchor "other/*"\nrdr-anchor "other/*"\nanchor "other/*"\n';
    expect(withAnchors(text)).toBe(
      'nat-anchor "other/*"\nrdr-anchor "other/*"\nnat-anchor "kleene/*"\nrdr-anchor "kleene/*"\nanchor "other/*"\nanchor "kleene/*"\n',
    );
  });
});
