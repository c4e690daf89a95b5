const SECRET = String.raw`[\w.-]*(?:pass(?:word|phrase|wd)?|token|secret|apikey|api[-_]key|credential|private-?key|_auth)[\w.-]*`;
/** `<password>…</password>`, in comments too. */
const ELEMENT = new RegExp(String.raw`(<(${SECRET})(?:\s[^>]*)?>)[\s\S]*?(</\2\s*>)`, 'gi');
/** Whose text is a login whatever the elements in it are called: Maven's of a server at GitLab. */
const HEADERS = /(<((?:http)?headers)(?:\s[^>]*)?>)[\s\S]*?(<\/\2\s*>)/gi;
/** `<name>fs.secret.key</name><value>…</value>` */
const NAMED = new RegExp(
  String.raw`(<(name|key)>\s*${SECRET}\s*</\2>\s*<value(?:\s[^>]*)?>)[\s\S]*?(</value\s*>)`,
  'gi',
);
/** `<add key="ClearTextPassword" value="…"/>` */
const NAMED_ATTRIBUTE = new RegExp(
  String.raw`(<[^<>]*\b(?:name|key)\s*=\s*["']${SECRET}["'][^<>]*\bvalue\s*=\s*)("[^"]*"|'[^']*')`,
  'gi',
);
/** `password="…"` within an element. */
const ATTRIBUTE = new RegExp(String.raw`(\b${SECRET}\s*=\s*)("[^"]*"|'[^']*')`, 'gi');
/** `password = …` to the end of the line, as in properties, TOML and INI files. */
const PAIR = new RegExp(
  String.raw`^([^\S\n]*["']?(?:[\w./:@-]*[.:/])?${SECRET}["']?[^\S\n]*[=:][^\S\n]*)\S.*$`,
  'gim',
);
const LOGIN_IN_URL = /(:\/\/)[^/\s@"'<>]+@/g;

/** The text of a tool's configuration, whatever its form, without logins and without values that are secrets. */
export function withoutSecrets(text: string): string {
  return text
    .replace(HEADERS, '$1$3')
    .replace(ELEMENT, '$1$3')
    .replace(NAMED, '$1$3')
    .replace(NAMED_ATTRIBUTE, '$1""')
    .replace(ATTRIBUTE, '$1""')
    .replace(PAIR, '$1')
    .replace(LOGIN_IN_URL, '$1');
}
