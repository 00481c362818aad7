import * as z from "zod";

/** What `glad` remembers for one user, on one machine: `settings.json`. Runs never depend on it once they are frozen. */
export const settingsSchema = z
  .strictObject({
    data: z
      .strictObject({
        root: z
          .string()
          .nullable()
          .default(null)
          .describe("Folder that holds the data sets' folders, for configurations without one."),
        links: z
          .record(z.string(), z.string())
          .default({})
          .describe('Folders of single data sets by their name, e.g. {"dtd": "/mnt/textures"}.'),
      })
      .prefault({})
      .describe("Where data sets lie on this machine."),
  })
  .describe("Settings of a user of GLAD.");

export type Settings = z.output<typeof settingsSchema>;
