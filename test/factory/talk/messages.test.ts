import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messageKey } from '../../../src/factory/model/talk.ts';
import { messagesOf, tell } from '../../../src/factory/talk/messages.ts';
import { saidSoFar, unheard } from '../../../src/factory/talk/notes.ts';
import { addProject, openStore } from '../../state/samples.ts';

import { AT_WORK, ME, useTalk } from './support.ts';

const { talk, deps, hand, due } = useTalk();

describe('a message', () => {
  it('is for whichever agent is at work, once, and the journal is its receipt', async () => {
    const { id } = await tell(deps(), talk.project, ' Mind the sign. ', { by: 'owner' });
    expect(await due('engineer')).toEqual([messageKey(id)]);
    expect(await due('tester')).toEqual([messageKey(id)]);
    await hand([messageKey(id)]);
    expect([...(await due('engineer')), ...(await due('tester'))]).toEqual([]);
    expect(await messagesOf(talk.state, talk.project)).toMatchObject([
      {
        id,
        projectId: talk.project.id,
        text: 'Mind the sign.',
        from: 'owner',
        sentAt: new Date(talk.time),
        step: 1,
        deliveredAt: {},
      },
    ]);
    expect(talk.events).toMatchObject([{ type: 'message.sent', data: { by: 'owner', messageId: id } }]);
  });

  it('is data to whoever shows it to a model, and stays with it when the conversation is made shorter', async () => {
    const { id } = await tell(deps(), talk.project, 'Red \u001b[31malert\u001b]0;owned\u0007', {
      by: 'owner',
    });
    expect(await unheard(talk.state, talk.project, 'engineer')).toMatchObject([
      { text: 'The owner says: Red alert' },
    ]);
    expect(await saidSoFar(talk.state, talk.project)).toBe('');
    await hand([messageKey(id)]);
    expect(await saidSoFar(talk.state, talk.project)).toContain('Red alert');
  });

  it('of a parent is not the branch’s, and what was said before the fork is remembered there', async () => {
    const { id } = await tell(deps(), talk.project, 'Before.', { by: 'owner' });
    await hand([messageKey(id)]);
    const branch = await addProject(talk.state, { ...AT_WORK, parentProjectId: talk.project.id });
    const writer = await talk.state.journal(branch.id, 'engineer').lease(1, ME);
    await writer?.append({ type: 'note', key: messageKey(id), text: 'Before.' });
    await tell(deps(), talk.project, 'For later.', { by: 'owner' });
    expect(await unheard(talk.state, branch, 'engineer')).toEqual([]);
    expect(await saidSoFar(talk.state, branch)).toContain('Before.');
    expect(await saidSoFar(talk.state, branch)).not.toContain('For later.');
  });
});

it('nothing that was said stands in clear where journals are encrypted', async () => {
  const secret = openStore(talk.folder, true).store;
  await tell({ ...deps(), state: secret }, talk.project, 'A word in confidence.', { by: 'owner' });
  const file = join(secret.projectFolder(talk.project.id), 'talk.jsonl');
  expect(await readFile(file, 'utf8')).not.toContain('confidence');
  expect(await messagesOf(secret, talk.project)).toMatchObject([{ text: 'A word in confidence.' }]);
});
