import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { once } from '../../src/lib/async/once.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

/** The parser of GitHub's own. It imports JSON in a way that Node refuses, so it is bundled first. */
async function openParser() {
  const contents =
    "export * from '@actions/workflow-parser'; export { parseAction } from '@actions/workflow-parser/actions/index';";
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{ bundle: true, write: false, format: 'esm', platform: 'browser', logLevel: 'error' },
  });
  await stop();
  const text = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const parser: typeof import('@actions/workflow-parser') &
    typeof import('@actions/workflow-parser/actions/index') = await import(
    `data:text/javascript;base64,${text}`
  );
  return { ...parser, trace: new parser.NoOperationTraceWriter() };
}
const parser = once(openParser);

interface Action {
  inputs: Record<string, { required?: boolean; default?: string }>;
  runs: {
    steps: {
      name?: string;
      id?: string;
      uses?: string;
      run?: string;
      shell?: string;
      env?: Record<string, string>;
    }[];
  };
}
const action = (): Action => parse(read('action.yml'));

it('action.yml fits the schema of actions, and its shell texts parse', async () => {
  const { parseAction, trace } = await parser();
  const { context } = parseAction({ name: 'action.yml', content: read('action.yml') }, trace);
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  for (const { run, shell } of action().runs.steps) {
    if (run === undefined) continue;
    expect(shell).toBe('bash');
    // What somebody wrote into a title or a branch name would be run.
    expect(run).not.toContain('${{');
    execFileSync('bash', ['-n'], { input: run });
  }
});

it('the workflow fits the schema of workflows, and asks for no right that it does not use', async () => {
  const { parseWorkflow, convertWorkflowTemplate, trace } = await parser();
  const content = read('docs/ci/github-workflow.yml');
  const { context, value } = parseWorkflow({ name: 'review.yml', content }, trace);
  expect(value).toBeDefined();
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  const workflow = parse(content);
  expect(workflow.permissions).toEqual({ contents: 'read', 'security-events': 'write' });
  expect(workflow.on).not.toHaveProperty('pull_request_target');
  const step = workflow.jobs.review.steps.find(({ id }: { id?: string }) => id === 'factory');
  for (const { uses = 'here@0' } of [...workflow.jobs.review.steps, ...action().runs.steps])
    expect(uses).toMatch(/@(?:[0-9a-f]{40}|COMMIT|0)$/);
  const { inputs } = action();
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with)));
  for (const [name, { required }] of Object.entries(inputs))
    if (required) expect(step.with).toHaveProperty(name);
});

it('a release names the repository that it is built from, before it is published', () => {
  const { steps } = parse(read('.github/workflows/release.yml')).jobs.publish;
  const runs: string[] = steps.flatMap(({ run }: { run?: string }) => run ?? []);
  const at = runs.findIndex((run) => run.startsWith('npm pkg set'));
  expect(runs.slice(at + 1)).toEqual(['npm publish']);
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), read('package.json'));
  const env = { ...process.env, GITHUB_SERVER_URL: 'https://example.com', GITHUB_REPOSITORY: 'some/one' };
  execFileSync('bash', ['-e', '-c', runs[at] ?? ''], { cwd: folder, env });
  const { repository, homepage, bugs, ...rest } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  expect({ repository, homepage, bugs }).toEqual({
    repository: { type: 'git', url: 'git+https://example.com/some/one.git' },
    homepage: 'https://example.com/some/one#readme',
    bugs: { url: 'https://example.com/some/one/issues' },
  });
  expect(rest).toEqual(JSON.parse(read('package.json')));
});

it('the template for GitLab gives each job what it needs, and its shell texts parse', () => {
  const { '.dark-factory': base, ...rest } = parse(read('docs/ci/gitlab-ci.yml'));
  const jobs = Object.values(rest).filter((each) => Object(each).extends !== undefined) as Record<
    string,
    string[]
  >[];
  expect(jobs).toHaveLength(2);
  for (const { script = [], rules } of jobs) {
    expect(rules).toBeDefined();
    execFileSync('sh', ['-n'], { input: [...base.before_script, ...script].join('\n') });
  }
  expect(base.artifacts).toMatchObject({ when: 'always', paths: ['dark-factory-out/'] });
});

describe('the step of the action that works', () => {
  const run = action().runs.steps.find(({ id }) => id === 'work')?.run ?? '';

  /** Runs it with a `df` that notes how it was called. */
  async function work(env: Record<string, string>, code = 0) {
    const folder = mkdtempSync(join(tmpdir(), 'df-ci-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const at = (name: string) => join(folder, name);
    const stub = [
      '#!/bin/sh',
      'for word in "$@"; do printf "[%s]" "$word"; done >> "$CALLS"; echo >> "$CALLS"',
      `case "$1" in provider) exit \${PROVIDER_CODE:-0};; review) test -n "$SILENT" && exit ${code}; printf '1 confirmed\\n\`\`\`\\n<b>All is well.</b>\\n'; echo "{}" > "$OUT/review.sarif"; exit ${code};; run) exit ${code};;`,
      'export) echo "# Report" > "$OUT/report.md";; esac',
    ];
    writeFileSync(at('df'), stub.join('\n'));
    chmodSync(at('df'), 0o755);
    const files = { CALLS: at('calls'), GITHUB_OUTPUT: at('outputs'), GITHUB_STEP_SUMMARY: at('summary') };
    for (const file of Object.values(files)) writeFileSync(file, '');
    const given = {
      COMMAND: 'review',
      CHANGE: '',
      NAME: '',
      DESCRIPTION: '',
      PROVIDER: 'openai',
      MODEL: 'm',
    };
    const others = { BASE_URL: '', PRICES: '', BUDGET: '2', ARGUMENTS: '', BASE_SHA: 'b', HEAD_SHA: 'h' };
    const printed = await new Promise<string>((resolve) => {
      const all = {
        PATH: `${folder}:${process.env['PATH']}`,
        OUT: at('out'),
        ...files,
        ...given,
        ...others,
        ...env,
      };
      // As GitHub starts the shell of a step.
      const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run];
      execFile('bash', shell, { env: all, cwd: folder }, (_error, stdout) => resolve(stdout));
    });
    const text = (file: string) => readFileSync(file, 'utf8');
    return {
      printed,
      calls: text(files.CALLS),
      outputs: text(files.GITHUB_OUTPUT),
      summary: text(files.GITHUB_STEP_SUMMARY),
    };
  }

  it('reviews the pull request, puts the report into the summary, and keeps the exit code of df', async () => {
    const { calls, outputs, summary, printed } = await work(
      { PRICES: '0.5 2', ARGUMENTS: '--max-runtime 30m' },
      1,
    );
    expect(calls).toContain('[--api-key-env][DF_PROVIDER_KEY][--price-in][0.5][--price-out][2]');
    expect(calls).toMatch(
      /\[review\]\[b\.\.h\]\[--budget\]\[2\]\[--sarif\]\[--output\].*\[--max-runtime\]\[30m\]/,
    );
    expect(outputs).toMatch(/sarif=.*review\.sarif/);
    expect(outputs).toContain('exit-code=1');
    // Nothing of it is Markdown, or a command to the runner.
    expect(summary).toBe('# Review\n\n    1 confirmed\n    ```\n    <b>All is well.</b>\n');
    expect(printed).toMatch(/^::stop-commands::([0-9a-f]{32})\n(?:.*\n)*::\1::\n$/);
  });

  it('reviews all of a branch that is new, and ends as df does where no provider can be added', async () => {
    for (const BASE_SHA of ['0'.repeat(40), ''])
      expect((await work({ BASE_SHA })).calls).toContain('[review][h][--budget]');
    const silent = await work({ SILENT: '1' }, 4);
    expect(silent.summary).toContain('did not come to its end (exit code 4)');
    const { calls, outputs } = await work({ PROVIDER_CODE: '4' });
    expect(calls).not.toContain('[review]');
    expect(outputs).toBe('exit-code=4\n');
  });

  it('works on a task whose words are words, whatever they hold', async () => {
    const { calls, outputs, summary } = await work({
      ...{ COMMAND: 'run', NAME: 'x; touch planted', DESCRIPTION: '$(touch planted) "`' },
    });
    expect(calls).toContain('[run][x; touch planted][--description][$(touch planted) "`]');
    expect(outputs).toContain('exit-code=0');
    expect(summary).toContain('# Report');
  });

  it('knows two commands', async () => {
    expect((await work({ COMMAND: 'publish' })).outputs).toContain('exit-code=2');
  });
});
