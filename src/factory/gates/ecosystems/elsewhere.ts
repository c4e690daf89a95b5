import { type Ecosystem, NO_SETUP, NOTHING_AT_HOME } from './types.ts';

/** What counts in every repository, and in those of languages whose commands are the owner's to name. */
export const elsewhere: Ecosystem = {
  name: 'elsewhere',
  find: async () => ({}),
  definitions: {
    names: [
      // Versions of languages.
      /^(\.tool-versions|\.?mise\.toml|\.ruby-version)$/,
      // Environments, which may hold options of every interpreter. Samples are read by people.
      /^\.env(rc)?(\.(?!(example|sample|template|dist|defaults?)$)[\w.-]+)?$/,
      /^\.editorconfig$/,
      // Ruby's, PHP's, .NET's, C's and others'.
      /^\.(rspec(-local)?|minitest|rubocop(_todo)?\.yml|standard\.yml)$/,
      /^\.?(phpunit|phpcs|psalm|infection|pest|codeception|phpstan|\.php-cs-fixer|\.php_cs)(\.dist)?\.(xml|xml\.dist|php|neon|neon\.dist|ya?ml|json5?)(\.dist)?$/,
      /^(\.runsettings|.+\.runsettings|xunit\.runner\.json|global\.json|nuget\.config|Directory\.(Build|Packages)\.(props|targets))$/i,
      /^(CTestConfig|CTestCustom)\.cmake$|^CMake(User)?Presets\.json$/,
      /^(\.bazelrc|\.bazelversion|\.clang-(format|tidy)|\.luacheckrc|\.busted|\.proverc|\.perlcriticrc|\.scalafmt\.conf|dart_test\.yaml|analysis_options\.yaml)$/,
      // What CI runs.
      /^(\.pre-commit-config|\.gitlab-ci|\.travis|azure-pipelines|lefthook)\.ya?ml$/,
      /^Jenkinsfile$/,
    ],
    paths: [
      /^\.(github\/(workflows|actions)|circleci)\//,
      /(^|\/)\.config\/(mise(\.toml|\/)|dotnet-tools\.json)/,
    ],
    families: [
      { names: /^\.?[Jj]ustfile$/, locks: false, free: false },
      { names: /^[Tt]askfile(\.dist)?\.ya?ml$/, locks: false, free: false },
      { names: /^[Rr]akefile(\.rb)?$/, locks: false, free: false },
      { names: /^composer\.lock$/, locks: true, free: false },
      { names: /^Gemfile\.lock$/, locks: true, free: false },
      { names: /^mix\.lock$/, locks: true, free: false },
    ],
  },
  manifests: [],
  installed: ['.dark-factory'],
  setup: NO_SETUP,
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.nuget/packages', '.gem/ruby', '.local/share/gem', '.mix', '.hex/packages'],
    companions: [
      { when: '.rbenv', folder: '.rbenv', variable: 'RBENV_ROOT' },
      { when: '.asdf', folder: '.asdf', variable: 'ASDF_DATA_DIR' },
      { when: '.local/share/mise', folder: '.local/share/mise', variable: 'MISE_DATA_DIR' },
    ],
  },
};
