import { describe, expect, it } from 'vitest';
import { isCiDefinition, isCiFile } from '../../../../src/factory/gates/pins/ci-files.ts';
import { permission } from '../../../../src/factory/gates/pins/permission.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';

describe('files that CI runs with its secrets', () => {
  it.each([
    '.github/workflows/ci.yml',
    '.github/workflows/a\nb.yml',
    '.github/workflows/deploy.sh',
    '.github/workflows',
    '.github/actions/x/action.yml',
    '.github/actions/x/index.js',
    '.gitea/workflows/ci.yaml',
    '.gitlab-ci.yml',
    '.gitlab-ci.release.yml',
    'ci/Build.gitlab-ci.yml',
    '.gitlab-ci/build.yml',
    '.gitlab-ci/deploy\n.sh',
    '.gitlab/ci/build.yml',
    '.gitlab/ci/jobs/build.yml',
    'Jenkinsfile',
    'services/api/Jenkinsfile',
    'Jenkinsfile.release',
    'release.jenkinsfile',
    'azure-pipelines.yml',
    'azure-pipelines-release.yaml',
    '.azure-pipelines/steps.yml',
    '.circleci/config.yml',
    '.circleci/deploy.sh',
    'bitbucket-pipelines.yml',
    '.drone.yml',
    '.drone.star',
    '.woodpecker.yml',
    '.woodpecker/build.yml',
    '.buildkite/pipeline.yml',
    '.buildkite/hooks/pre-command',
    'appveyor.yml',
    '.appveyor.yml',
    '.travis.yml',
    '.cirrus.yml',
    '.teamcity/settings.kts',
  ])('%j is one', (path) => {
    expect(isCiFile(path)).toBe(true);
  });

  it.each([
    '.github/ISSUE_TEMPLATE/bug.yml',
    '.github/dependabot.yml',
    '.gitlab/issue_templates/bug.md',
    'docs/ci/gitlab-ci.yml',
    'docs/Jenkinsfile.md',
    'docs/azure-pipelines.md',
    'src/github/workflows/list.ts',
    'src/buildkite/client.ts',
    'src/drone.yml',
    'travis.yml',
    'src/jenkinsfile-parser.ts',
    '.github/workflows-of-ours.md',
  ])('%j is none', (path) => {
    expect(isCiFile(path)).toBe(false);
  });
});

describe('what the owner permits by asking for other CI', () => {
  const words = { allowAll: false, owner: ['ci: test on Windows'], agents: [] };

  it.each(['.gitlab/ci/build.yml', '.github/workflows/a\nb.yml', 'Jenkinsfile', 'appveyor.yml'])(
    'is a change to what CI is told: %j',
    (path) => {
      expect(permission(words, path)).toBe('owner');
    },
  );

  it.each(['.github/actions/x/run.sh', '.github/actions/x/index.test.js', '.circleci/package.json'])(
    'is none to a file that a gate could run: %j',
    (path) => {
      expect(permission(words, path)).toBeNull();
    },
  );
});

it('a script beside a workflow is not read as one: with another text it says something else', () => {
  const [path, old, now] = [
    '.github/actions/x/index.js',
    'image: node:20\nnode: 20\nrun: npm test\n',
    'image: node:20\nnode: 22\nrun: npm test\n',
  ];
  expect(saysTheSame(path, old, now)).toBe(false);
  expect(saysTheSame('Jenkinsfile', old, now)).toBe(false);
  expect(saysTheSame('.gitlab/ci/build.yml', old, now)).toBe(true);
  expect(isCiDefinition(path)).toBe(false);
});
