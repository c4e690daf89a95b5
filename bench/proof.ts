import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { commitWork } from '../src/factory/agent/tools/work.ts';
import { permissionTexts } from '../src/factory/gates/pins/permission.ts';
import { runGate } from '../src/factory/gates/run/run-gate.ts';
import type { Project } from '../src/factory/model/project.ts';
import type { ScratchTrees } from '../src/factory/ports/workspace.ts';
import { addTasks } from '../src/factory/tasks/list/add.ts';
import { updateTask as updateTaskTool } from '../src/factory/tasks/tools/update-task.ts';
import { proofDeps } from '../src/workers/steps/deps.ts';
import { type Factory, openFactory } from './factory.ts';
import { median, ms, repeated, table, timed } from './measure.ts';

const TASKS = 1_000;
const signal = new AbortController().signal;
const call = { key: 'engineer/1/0', signal, check: async () => {} };

/** A project with its worktree, and no worker that would take it up. */
async function project(
  { scenario, services }: Factory,
  name: string,
  setup: string | null,
): Promise<Project> {
  const made = await services.engine.createProject({
    name,
    description: 'Measure.',
    repository: scenario.repository.dir,
    commands: { test: 'true', lint: null, format: null },
    setup,
  });
  await services.git.createWorktree({
    repository: made.repository,
    worktree: made.worktreePath,
    branch: made.workBranch,
    commit: made.baseCommit,
  });
  return made;
}

/** `update_task` to another status than `completed`, in a list of so many tasks. */
async function updateTask(factory: Factory): Promise<string[][]> {
  const { services } = factory;
  const made = await project(factory, 'tasks', null);
  const wanted = Array.from({ length: TASKS }, (_, index) => ({
    title: `Task ${index}`,
    description: 'What has to be done, in a sentence or two, as agents write them. '.repeat(3),
    criteria: [{ name: 'it is there', command: `test -f file-${index}` }],
  }));
  const ids = wanted.map(() => randomUUID());
  await services.state.tasks(made.id).update((list) => {
    const added = addTasks(list, wanted, { now: services.clock.now(), ids });
    if (!added.ok) throw new Error(added.problem);
    return added.value;
  });
  const { state, git } = services;
  const context = {
    ...{ project: made, persona: 'engineer', state, git, gateChecks: [], gateTimeoutMs: 60_000 },
    proof: await proofDeps(services),
    now: () => services.clock.now(),
    record: async () => {},
  };
  const times = await repeated(60, (index) => {
    const args = { id: ids[(index * 17) % TASKS] ?? '', status: 'in_progress' };
    return updateTaskTool.run(JSON.stringify(args), context, call);
  });
  const file = `${services.state.projectFolder(made.id)}/tasks.yaml`;
  const text = await readFile(file);
  const bare = await repeated(30, async () => {
    await writeFile(`${file}.bare`, text, { flush: true });
    await rename(`${file}.bare`, `${file}.bare-2`);
  });
  return [
    [`update_task among ${TASKS.toLocaleString('en')} tasks`, ms(median(times)), 'promised: under 20 ms'],
    [`  bare write of the same ${Math.round(text.length / 1024)} KB`, ms(median(bare)), ''],
  ];
}

/** A gate of one command that does nothing, less that command and less the scratch trees. */
async function gateShare(factory: Factory): Promise<string[][]> {
  const { services } = factory;
  const made = await project(factory, 'gate', null);
  await factory.scenario.repository.gitIn(made.worktreePath, 'mv', 'README.md', 'READ.md');
  const { head: commit } = await commitWork(services, made, 'work', call);
  let inTrees = 0;
  const measured = async <T>(work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    try {
      return await work();
    } finally {
      inTrees += performance.now() - began;
    }
  };
  const trees: ScratchTrees = {
    async scratchTree(of, content) {
      const tree = await measured(() => services.workspace.scratchTree(of, content));
      return { ...tree, remove: () => measured(() => tree.remove()) };
    },
  };
  const deps = { ...(await proofDeps(services)), trees };
  const shares: number[] = [];
  const scratch: number[] = [];
  for (let round = 1; round <= 15; round += 1) {
    inTrees = 0;
    let command = 0;
    const all = await timed(async () => {
      const report = await runGate(deps, {
        id: `engineer-${round}`,
        kind: 'finish',
        round,
        signal,
        project: made,
        persona: 'engineer',
        commit,
        checks: await services.projectService.checks(made, 'engineer'),
        baseline: undefined,
        sealed: undefined,
        words: permissionTexts(made, await services.state.tasks(made.id).get()),
        acceptKnown: false,
        earlier: [],
        earlierControls: [],
        timeoutMs: 60_000,
        progress: () => {},
      });
      command = report.checks.reduce((sum, each) => sum + (each.durationMs ?? 0), 0);
      await services.state.gates(made.id).save(report);
    });
    shares.push(all - inTrees - command);
    scratch.push(inTrees);
  }
  return [
    [
      "factory's share of a gate",
      ms(median(shares)),
      'promised: under 100 ms, scratch tree and command apart',
    ],
    ['  its scratch trees', ms(median(scratch)), ''],
  ];
}

/** 18,000 files in 800 packages, 200 MB. */
const INSTALL = `node -e '
const fs = require("fs"), bytes = require("crypto").randomBytes(1 << 16);
for (let p = 0; p < 800; p++) {
  for (const d of ["", "lib/", "dist/"]) fs.mkdirSync("node_modules/p" + p + "/" + d, { recursive: true });
  for (let f = 0; f < 22; f++)
    fs.writeFileSync("node_modules/p" + p + "/" + ["", "lib/", "dist/"][f % 3] + f + ".js", bytes.subarray(0, f === 0 ? 60000 : 9200));
}'`;

async function setups(factory: Factory): Promise<string[][]> {
  const { services } = factory;
  const times: number[] = [];
  for (const name of ['first', 'second', 'third', 'fourth']) {
    const made = await project(factory, name, INSTALL);
    times.push(
      await timed(async () => {
        const problem = await services.workspace.prepareWorktree(made, signal);
        if (problem !== null) throw new Error(problem);
      }),
    );
    const sandbox = await services.workspace.agentSandbox(made);
    const found = await sandbox.readFile(made.worktreePath, made.gitDir, 'node_modules/p0/0.js', 1 << 20);
    if (!found.ok) throw new Error('nothing was installed');
  }
  return [
    ['set-up of 200 MB in 18,000 files', ms(times[0] ?? 0), 'the first time'],
    ['  the same lock file again', ms(median(times.slice(1))), 'promised: under 1,000 ms'],
  ];
}

/** What proof costs the factory. */
export async function proof(): Promise<void> {
  const factory = await openFactory(1);
  table('Tasks, gates and set-ups', [
    ...(await updateTask(factory)),
    ...(await gateShare(factory)),
    ...(await setups(factory)),
  ]);
  await factory.close();
}
