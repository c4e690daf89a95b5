import { byPrompt, call, type Script, type Step, sequence, taskIds } from './model.ts';

/** A decision between adding with a sign and adding in a loop, proposed with the confidence 0.5. */
const PROPOSE: Step = call('propose_decision', {
  question: 'How should add add?',
  confidence: 0.5,
  options: [
    { label: 'Plus sign', description: 'Fix the operator.', confidence: 0.6, estimated_effort: 'low' },
    { label: 'Counting loop', description: 'Count up in a loop.', confidence: 0.4, estimated_effort: 'high' },
  ],
});

const ADD_TASK: Step = call('add_tasks', {
  tasks: [
    {
      title: 'Make add add',
      description: 'add(2, 3) must be 5.',
      criteria: [{ name: 'tests pass', command: 'node --test' }],
    },
  ],
});

const edit = (text: string): Step => call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: text });
const claim: Step = (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' });
const finish: Step = call('finish', { summary: 'add adds.' });

/** Two steps before the fork, so branches and parent go on with the third. */
const after = (...steps: Step[]): Script => sequence([ADD_TASK, PROPOSE, ...steps]);

export const GOOD = after(edit('a + b'), claim, finish);
export const BAD = after(edit('a * b'), claim, finish);

/**
 * What the model says: in the branch of an option what `branches` has for its label, in the parent once the fork is over
 * `parent` (by default it finishes).
 */
export function forkScript(branches: Record<string, Script>, parent: Script = after(finish)): Script {
  return byPrompt(
    [
      { match: /(The decision ".*" is taken|No branch of ".*" is taken)/, script: parent },
      ...Object.entries(branches).map(([label, script]) => ({
        match: `you build the option "${label}"`,
        script,
      })),
    ],
    after(),
  );
}
