import { parseAst } from 'vitest/node';

export interface ImportLine {
  /** As written. `null`: computed at run time. */
  specifier: string | null;
  /** Only types: gone at run time. */
  types: boolean;
}

/** Every import and re-export of a source, static and dynamic, also inside types. */
export function importsOf(source: string, lang: 'ts' | 'tsx' = 'ts'): ImportLine[] {
  const found: ImportLine[] = [];
  visit(parseAst(source, { lang }), (node) => {
    const text = literal(node['source']);
    switch (node['type']) {
      case 'ImportDeclaration':
        found.push({
          specifier: text,
          types: node['importKind'] === 'type' || onlyTypes(node['specifiers'], 'importKind'),
        });
        break;
      case 'ExportNamedDeclaration':
        if (text !== null) {
          found.push({
            specifier: text,
            types: node['exportKind'] === 'type' || onlyTypes(node['specifiers'], 'exportKind'),
          });
        }
        break;
      case 'ExportAllDeclaration':
        found.push({ specifier: text, types: node['exportKind'] === 'type' });
        break;
      case 'ImportExpression':
        found.push({ specifier: text, types: false });
        break;
      case 'TSImportType':
        found.push({ specifier: literal(node['source'] ?? node['argument']), types: true });
        break;
    }
  });
  return found;
}

type Node = Record<string, unknown>;

function visit(node: unknown, see: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) visit(each, see);
  } else if (typeof node === 'object' && node !== null) {
    const object = node as Node;
    if (typeof object['type'] === 'string') see(object);
    for (const value of Object.values(object)) visit(value, see);
  }
}

function literal(node: unknown): string | null {
  if (typeof node !== 'object' || node === null) return null;
  const { value, literal: inner } = node as { value?: unknown; literal?: unknown };
  return typeof value === 'string' ? value : literal(inner);
}

function onlyTypes(specifiers: unknown, key: 'importKind' | 'exportKind'): boolean {
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every((each: Node) => each[key] === 'type')
  );
}
