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
      // .NET's and others'.
      /^(\.runsettings|.+\.runsettings|xunit\.runner\.json|global\.json|nuget\.config|Directory\.(Build|Packages)\.(props|targets))$/i,
      /^(\.bazelrc|\.bazelversion|\.clang-(format|tidy)|\.luacheckrc|\.busted|\.proverc|\.perlcriticrc|\.scalafmt\.conf|dart_test\.yaml|analysis_options\.yaml)$/,
      // What CI runs.
      /^(\.pre-commit-config|\.gitlab-ci|\.travis|azure-pipelines|lefthook)\.ya?ml$/,
      /^Jenkinsfile$/,
    ],
    paths: [
      /^\.(github\/((workflows|actions)\/|$)|circleci\/)/,
      /(^|\/)\.config\/(mise(\.toml|\/)|dotnet-tools\.json|$)/,
    ],
    families: [
      { names: /^\.?[Jj]ustfile$/, locks: false, free: false },
      { names: /^[Tt]askfile(\.dist)?\.ya?ml$/, locks: false, free: false },
    ],
  },
  manifests: [],
  installed: ['.dark-factory'],
  setup: NO_SETUP,
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.nuget/packages'],
    companions: [
      { when: '.asdf', folder: '.asdf', variable: 'ASDF_DATA_DIR' },
      { when: '.local/share/mise', folder: '.local/share/mise', variable: 'MISE_DATA_DIR' },
    ],
  },
};
