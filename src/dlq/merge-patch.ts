import { type Node, parseTree } from 'jsonc-parser';

/**
 * RFC 7396 on JSON texts rather than on parsed JSON: what the patch does not name stays as it was written, and what it
 * sets becomes what it says, so that no number is rounded and nothing dropped on the way. Of several members of one
 * name, if the patch names it, one remains.
 * @throws SyntaxError when the text, or the patch, is not JSON
 * @throws RangeError when one is nested too deep to be read
 */
export function mergePatch(text: string, patch: string): string {
  return patched(read(text), read(patch));
}

/** A value with the text that it stands in. */
interface Part {
  text: string;
  node: Node | undefined;
}

function read(text: string): Part {
  JSON.parse(text); // strictly: jsonc-parser takes comments and reads past errors
  return { text, node: parseTree(text) };
}

function patched(target: Part | undefined, patch: Part): string {
  if (patch.node?.type !== 'object') return written(patch);
  const changes = membersOf(patch);
  const members = target?.node?.type === 'object' ? membersOf(target) : [];
  const result: string[] = [];
  const apply = (name: string, value: Part | undefined, change: Part) => {
    if (change.node?.type !== 'null') result.push(`${JSON.stringify(name)}:${patched(value, change)}`);
  };
  for (const [i, { name, value, whole }] of members.entries()) {
    const change = changes.findLast(one => one.name === name)?.value;
    if (!change) result.push(written(whole));
    // As JSON.parse has it, the last of several members of one name counts.
    else if (!members.slice(i + 1).some(later => later.name === name)) apply(name, value, change);
  }
  for (const [i, { name, value }] of changes.entries()) {
    const repeated = changes.slice(i + 1).some(later => later.name === name);
    if (!repeated && !members.some(member => member.name === name)) apply(name, undefined, value);
  }
  return `{${result.join(',')}}`;
}

function membersOf({ text, node }: Part): { name: string; value: Part; whole: Part }[] {
  return (node?.children ?? []).map(property => ({
    name: String(property.children?.[0]?.value),
    value: { text, node: property.children?.[1] },
    whole: { text, node: property },
  }));
}

const written = ({ text, node }: Part): string => (node ? text.slice(node.offset, node.offset + node.length) : '');
