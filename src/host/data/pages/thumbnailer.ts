import type { Thumbnail } from "../../../protocol/dataReport";
import type { Conversation } from "../../conversation";
import type { Program } from "../../program";

/** Asks the program for thumbnails of images below one folder. */
export interface ThumbnailAsker {
  ask(path: string): void;
  /** Lets the program end; the next question starts it anew. */
  rest(): void;
}

/** Starts `glad data thumbnails` with the first question. Every question is answered, if by the reason why there is none. */
export function askForThumbnails(
  program: Program,
  cwd: string,
  imageRoot: string,
  cache: string,
  answer: (thumbnail: Thumbnail) => void,
): ThumbnailAsker {
  let talk: Promise<Conversation> | null = null;
  const open = (): Promise<Conversation> => {
    const waiting = new Set<string>();
    const conversation = program
      .open(["data", "thumbnails", imageRoot, "--cache", cache], {
        cwd,
        onLine(line) {
          const thumbnail = JSON.parse(line) as Thumbnail;
          waiting.delete(thumbnail.path);
          answer(thumbnail);
        },
      })
      .then((opened) => ({
        ...opened,
        say(path: string) {
          waiting.add(path);
          opened.say(JSON.stringify(path));
        },
      }));
    const give = (problem: string): void => {
      if (talk === conversation) talk = null;
      for (const path of waiting) answer({ path, file: null, problem });
    };
    conversation.then(
      ({ ended }) => void ended.then(({ stderr }) => give(stderr.trim() || "glad ended")),
      (error: unknown) => give(String(error)),
    );
    return conversation;
  };
  return {
    ask(path) {
      talk ??= open();
      talk.then(
        ({ say }) => say(path),
        (error: unknown) => answer({ path, file: null, problem: String(error) }),
      );
    },
    rest() {
      void talk?.then(({ close }) => close()).catch(() => undefined);
      talk = null;
    },
  };
}
