import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../../src/sandbox/mounts/configuration-text.ts';

describe('A173 login-beside: a configuration without its secrets', () => {
  it.each([
    ['a = 1\npassword = hunter2\nb = 2', 'a = 1\npassword = \nb = 2'],
    ['//registry/:_authToken=hunter2', '//registry/:_authToken='],
    ['<server password="hunter2" id="x"/>', '<server password="" id="x"/>'],
    ['url=https://me:hunter2@host/x', 'url=https://host/x'],
    ['<privateKey>\nhunter2\n</privateKey><id/>', '<privateKey></privateKey><id/>'],
    [
      '<id>gl</id><httpHeaders><property><name>Private-Token</name><value>glpat-x</value></property></httpHeaders><url>u</url>',
      '<id>gl</id><httpHeaders></httpHeaders><url>u</url>',
    ],
    [
      '<httpHeaders><property><value>hunter2</value><name>Authorization</name></property></httpHeaders>',
      '<httpHeaders></httpHeaders>',
    ],
    [
      '<name>fs.secret.key</name>\n<value>hunter2</value><name>fs.size</name><value>2</value>',
      '<name>fs.secret.key</name>\n<value></value><name>fs.size</name><value>2</value>',
    ],
    [
      '<add key="ClearTextPassword" value="hunter2" /><add key="nuget" value="https://a.b" />',
      '<add key="ClearTextPassword" value="" /><add key="nuget" value="https://a.b" />',
    ],
    ['org.slf4j.level=info', 'org.slf4j.level=info'],
  ])('is shown for %j', (text, clean) => expect(withoutSecrets(text)).toBe(clean));
});
