import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPersonaLibrary } from '../../src/state/personas.ts';

export const SPECIFIED = `---
name: engineer
version: 1.0.0
description: Software engineer persona for feature development
acceptance_criteria:
  tests_pass: true
  lint_pass: true
  format_pass: true
  custom_checks:
    - name: "Build succeeds"
      command: "npm run build"
      expected_exit_code: 0
---

# Engineer Persona

You are an engineer.
---
not front matter
`;

export const short = (name: string, body = 'Work.'): string => `---\nname: ${name}\n---\n${body}\n`;

export async function library(folder: string) {
  const places = {
    home: join(folder, 'home'),
    shipped: join(folder, 'shipped'),
    repository: join(folder, 'repo'),
  };
  for (const place of [places.home, places.shipped, join(places.repository, 'personas')])
    await mkdir(place, { recursive: true });
  return { ...places, personas: createPersonaLibrary({ home: places.home, shipped: places.shipped }) };
}
