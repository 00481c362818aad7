import { UserError } from "./errors";

/** What a person does about a file that the system does not give, by the system's code. */
const mends: Partial<Record<string, string>> = {
  EACCES: "change its permissions, or name another",
  EPERM: "change its permissions, or name another",
  ELOOP: "it is a link that leads back to itself, so remove it",
  ENAMETOOLONG: "choose a shorter name",
  EROFS: "the disk is read-only, so choose another folder",
  ENOSPC: "the disk is full, so free some space and try again",
  EFBIG:
    "no file may become so large on that disk or in this session (ulimit -f), so choose another disk or raise the limit",
  EDQUOT: "your disk quota is used up, so free some space and try again",
};

/** The error itself, or the UserError of a file or folder that the system refuses to read or write. */
export function explainRefusal(error: unknown): unknown {
  const { code = "", path, message } = error as NodeJS.ErrnoException;
  const mend = mends[code];
  if (mend === undefined || path === undefined) return error;
  const reason = message.replace(/, \w+ '.*$/s, "");
  return new UserError(`${path}: the system refuses it (${reason}); ${mend}`);
}
