import type { SheetGroups, SheetImage } from "../../../protocol/dataPage";

/** Images with the folders that their paths are relative to. */
export interface Sheet {
  title: string;
  subtitle: string;
  groups: SheetGroups;
  roots: string[];
  images: SheetImage[];
}
