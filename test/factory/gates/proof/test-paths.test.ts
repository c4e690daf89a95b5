import { describe, expect, it } from 'vitest';
import {
  isTestPath,
  isTestsAlone,
  mayHoldTests,
} from '../../../../src/factory/gates/test-source/test-files.ts';

describe('isTestPath', () => {
  it('knows tests of many kinds by name or folder', () => {
    const tests = [
      'a.test.js',
      'src/b.spec.ts',
      'test/c.js',
      '__tests__/d.js',
      'test_e.py',
      'f_test.go',
      'tests/g.rs',
      'test.js',
      'app/tests.py',
      'src/foo/tests.rs',
      'tests.c',
      'src/test.cpp',
      'spec/models/user_spec.rb',
      'test-sum.mjs',
      'sum_test.js',
      'src/test/java/SumTest.java',
      'lib/sum.tests.ts',
      'fixtures/expected.json',
      'test/run.sh',
      'testdata/in.txt',
      't/sum.t',
      'lib/Sum.t',
      'sum.bats',
      'features/a.feature',
      'src/test/resources/b.feature',
      'features/step_definitions/s.js',
      'features/steps/s.py',
      'features/support/env.rb',
      'Calc.Tests/CalcTests.Total.verified.txt',
      'Calc.Tests/Helpers/MyAssert.cs',
      'src/Calc.UnitTests/Data.cs',
      'src/foo_unittest.cc',
      'Tests/Fixtures/a.yml',
      'src/Mailer/Tests/help.php',
      'Tests/Support.swift',
      'Test/help.php',
      'src/integrationTest/java/Helper.java',
      'src/testUtils/render.tsx',
      'spec/openapi.yaml',
      'src/sum_spec.py',
      'src/sum_spec.lua',
      'src/main/view.spec.ts',
      'src/commonTest/kotlin/SumSpec.kt',
    ];
    expect(tests.filter((path) => !isTestPath(path))).toEqual([]);
    expect(
      [
        'src/latest.js',
        'contest.py',
        'testing.ts',
        'run-tests.sh',
        'src/Latest.java',
        'contest.c',
        'spec.md',
        'attest_all.py',
        'src/it/a.js',
        'src/Symfony/Component/Messenger/Test/Transport.php',
        'src/Test/QuickCheck.hs',
        'Test/QuickCheck.hs',
        'lib/Test/More.pm',
        'src/Spec/Parser.cs',
        'src/T/Pair.cs',
        'src/features/cart/Cart.tsx',
        'src/features/support/api.ts',
        'features/steps/StepCounter.tsx',
        'src/Contests/Rules.cs',
        'src/verified.ts',
        'src/unittest.py.md',
        'src/main/java/org/poet/MethodSpec.java',
        'src/main/java/org/spring/test/web/MockMvc.java',
        'web/src/main/kotlin/test/Server.kt',
        'src/package_id_spec.rs',
        'client/job_spec.go',
        'api/openapi-spec.yaml',
        'openapi.spec.json',
        'docs/design-spec.md',
      ].filter(isTestPath),
    ).toEqual([]);
    expect(mayHoldTests('src/lib.rs')).toBe(true);
    expect(mayHoldTests('test/data.json')).toBe(false);
  });
});

describe('isTestsAlone', () => {
  it('tells what no product loads from what it may', () => {
    const alone = [
      '__mocks__/supertest.js',
      'src/__mocks__/a.ts',
      'Tests/Fixtures/a.yml',
      'Calc.Tests/Fixtures/a.yml',
    ];
    expect(alone.filter((path) => !isTestsAlone(path))).toEqual([]);
    const shared = [
      'src/fixtures/a.json',
      'src/Fixtures/a.yml',
      'src/testUtils/a.ts',
      'src/Test/fixtures/a.php',
    ];
    expect(shared.filter(isTestsAlone)).toEqual([]);
    // A solution that names it builds no more without it.
    expect(isTestsAlone('Calc.IntegrationTests/Calc.IntegrationTests.csproj')).toBe(false);
  });
});
