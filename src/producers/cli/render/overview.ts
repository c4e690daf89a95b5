/**
 * The help of the program itself: what `df`, `df help` and `df --help` print. Written out rather than built, so that it
 * comes at once, without any library; a test holds it to the declared commands.
 *
 * @param name the name that the program was called by
 */
export function overview(name: string): string {
  return `Usage: ${name} <command> [options]

Give it a git repository and a task in the evening; find a proven branch in the
morning.

First steps:
  demo                watch the factory work on a small repository; needs no key
  setup               write the configuration and check the machine
  provider add        add a model at an endpoint
  run <name>          make a project, start it and follow it to the end

Projects:
  init <name>         make a project from a repository and a task
  enqueue <file>      make and start all projects of a file
  schedule <command>  make projects again and again at their time
  start [id]          start a project
  pause [id]          pause a project after its current step
  resume [id]         let a paused project go on, or a halted factory
  stop [id]           end a project for good; --all halts the factory
  retry [id]          let a project that failed or was stopped live on
  merge [id]          take a branch of a decision
  apply [id]          take a proved branch into the one checked out
  publish [id]        push a proved branch and open a pull request
  gate [id]           run the quality gate now
  audit [id]          run an audit of the task list now
  estimate [file]     tell what projects may cost and take, from finished ones
  rehearse <file|id>  try a night beforehand, all but the models

Talking to them:
  tell [id] <text>    say something to the agents of a project
  messages [id]       show what was said, and when an agent was told
  questions [id]      show what agents ask you, and until when
  answer <id> <text>  answer a question of an agent

Looking at them:
  report              show what the night came to, over all projects
  status [id]         show where a project stands
  list                list all projects
  tasks [id]          show the task list with its evidence
                      (tasks add, tasks update and tasks skip change it)
  show [id] [step]    show what the agents said and did
  diff [id]           show what a project changed
  costs [id]          show what a project has spent
  logs [id]           show what was done, or the factory's own log
  branches [id]       show a project and the projects forked from it
  compare <id>        compare branches of a project, or any projects
  decisions [id]      show decisions, and how often confidence was right
  export [id]         write the report of a project

Models and personas:
  provider <command>  models, their keys, prices and limits
  prices [id]         show which list of prices holds
                      (prices update fetches the newest one)
  persona <command>   templates that agents work by
  models              show what each model cost and proved

Issues and pull requests:
  forge <command>     GitHub and GitLab, for issues and pull requests
  review <change>     have a change looked at for faults, each proved

The machine:
  up                  start Redis (where none is set), workers and the board
  down                stop what up started, without a terminal too
  service <command>   let the machine begin it by itself
  worker              work on what is queued until stopped
  board               show projects and queues in a browser
  token <command>     ways in to pages and API for people and programs
  doctor              check everything the factory needs, by trying it
  health              tell in one look whether work can be done
  notify <command>    messages to you, as config.yaml says
  config <command>    settings of config.yaml
  completion <shell>  print the completion for bash, zsh or fish
  clean               remove what ended projects left; branches stay

Every command understands --help and --json.
  -V, --version       show the version

A first run:
  ${name} demo
  ${name} provider add --name openai --model gpt-5-mini --api-key-env OPENAI_API_KEY
  ${name} run add-login --description "Add a login form, with tests"

Ids may be shortened; a project's name serves where it is unique.
Everything lives in $DF_HOME (default ~/.dark-factory).
Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found,
4 environment not ready, 5 still waiting, 130 stopped with Ctrl-C.
`;
}
