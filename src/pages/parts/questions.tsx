import { useState } from 'preact/hooks';
import type { ShownQuestion } from '../../factory/talk/questions.ts';
import { useMay } from '../data/me.ts';
import { useSending } from '../data/sending.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Problem } from './problem.tsx';
import { placeIn, Windowed } from './windowed.tsx';

type Shown = Wire<ShownQuestion>;

/** Questions of a block, and about how high one is: pixels. */
const BLOCK = 10;
const QUESTION_HEIGHT = 220;

/** A project that ends, or lives on, takes its questions with it. */
const CHANGES = /^(question|project)\./;

/** What agents ask. @param projectId missing: of all projects, and only what is still open */
export function Questions({ projectId }: { projectId?: string }) {
  const path = projectId === undefined ? '/questions?open=true' : `/questions?project=${projectId}`;
  const { data, error, reload } = useDocument<Shown[]>(path, ({ type }) => CHANGES.test(type));
  if (data?.length === 0) return null;
  return (
    <section aria-label="Questions">
      <h2>Agents ask you</h2>
      <Problem error={error} />
      <Windowed
        items={data ?? []}
        size={BLOCK}
        height={QUESTION_HEIGHT}
        render={(part, from) => (
          <ul class="cards wide">
            {part.map((each, index) => (
              <QuestionCard
                key={each.id}
                asked={each}
                named={projectId === undefined}
                onAnswer={reload}
                place={placeIn(from + index, data?.length ?? 0)}
              />
            ))}
          </ul>
        )}
      />
    </section>
  );
}

interface CardProps {
  asked: Shown;
  named: boolean;
  onAnswer(): void;
  place: ReturnType<typeof placeIn>;
}

function QuestionCard({ asked, named, onAnswer, place }: CardProps) {
  const { projectId, persona, question, answer, by, askedAt, open } = asked;
  return (
    <li {...place}>
      <p class="said">{question}</p>
      <p class="facts">
        {persona}, {new Date(askedAt).toLocaleString()}
        {named ? (
          <>
            {' · '}
            <a href={`/projects/${projectId}?tab=messages`}>to its project</a>
          </>
        ) : null}
      </p>
      {open ? <Answer asked={asked} onAnswer={onAnswer} /> : null}
      {open || answer !== undefined ? null : <p class="facts">Never answered: its project has ended.</p>}
      {answer === undefined ? null : (
        <p class="said owner">
          {answer} <small>({by === 'default' ? 'by its default: nobody answered in time' : by})</small>
        </p>
      )}
    </li>
  );
}

/** The first answer counts: of two people the second is told what the first one said. */
function Answer({ asked, onAnswer }: { asked: Shown; onAnswer(): void }) {
  const [text, setText] = useState('');
  const { busy, error, give } = useSending();
  const may = useMay('operator');
  async function say(words: string) {
    if ((await give(`/questions/${asked.id}/answer`, { text: words })) !== undefined) onAnswer();
  }
  return (
    <>
      {asked.default === undefined ? null : (
        <p class="facts">Goes on with "{asked.default}" when nobody answers.</p>
      )}
      {may ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void say(text);
          }}
        >
          <p class="orders">
            {(asked.options ?? []).map((option) => (
              <button
                key={option}
                type="button"
                class="quiet"
                disabled={busy}
                onClick={() => void say(option)}
              >
                {option}
              </button>
            ))}
          </p>
          <label for={`answer-${asked.id}`}>Your answer</label>
          <textarea
            id={`answer-${asked.id}`}
            rows={2}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" disabled={busy || text.trim() === ''}>
            Answer
          </button>
        </form>
      ) : null}
      <Problem error={error} />
    </>
  );
}
