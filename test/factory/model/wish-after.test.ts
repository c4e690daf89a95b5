import { describe, expect, it } from 'vitest';
import { wishAfter } from '../../../src/factory/model/forge/wish-after.ts';
import { NOW, sampleProject } from '../../support/samples.ts';

const publication = {
  ...{ forge: 'shop', url: 'https://forge.example/7', number: 7, branch: 'df/x', commit: 'c'.repeat(40) },
  ...{ draft: true, proved: true, watch: true, at: NOW },
};
const wished = (auto: 'off' | 'ready', watch: boolean, more: object) =>
  wishAfter({ auto, watch }, sampleProject({ status: 'completed', ...more }), NOW).toPublish;

describe('what is to be published of work that is proved', () => {
  it('A149 is nothing where the settings said yes once and say no by now, and its owner has said nothing', () => {
    for (const watchBy of ['settings', undefined] as const) {
      expect(wished('off', false, { publication: { ...publication, watchBy } })).toBeUndefined();
      expect(wished('off', true, { publication: { ...publication, watchBy } })).toBeUndefined();
      const on = wished('ready', true, { publication: { ...publication, watchBy } });
      expect(on).toMatchObject({ draft: true, watch: true });
    }
  });

  it('is what its owner has watched, whatever the settings say, and watched no more by theirs once its owner has said no', () => {
    const owners = { ...publication, watchBy: 'owner' as const };
    expect(wished('off', false, { publication: owners })).toMatchObject({ draft: true, watch: true });
    const ended = { ...owners, watch: false };
    expect(wished('off', true, { publication: ended })).toBeUndefined();
    expect(wished('ready', true, { publication: ended })).toMatchObject({ watch: false });
  });

  it('is as the settings say for what was never published, and nothing for what failed or belongs to others', () => {
    expect(wished('ready', true, {})).toMatchObject({ draft: false, watch: true });
    expect(wished('off', true, {})).toBeUndefined();
    expect(wished('ready', true, { status: 'failed' })).toBeUndefined();
    expect(wished('ready', true, { trialOf: 'engineer' })).toBeUndefined();
  });
});
