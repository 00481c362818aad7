import type { ClassConfusion, Mistake, Picture, SplitDetails } from "../../src/protocol/page";
import type { Context } from "../context";
import { h, replaceChildren, setAttribute } from "../dom";
import { integer, share } from "../format";
import { activeRun } from "../header";
import { t } from "../strings";
import { button, select } from "../ui/toolkit";
import type { Details } from "./details";

/** What the worst classes were taken for, with pictures of the images that were. */
export function confusionList(details: SplitDetails, context: Context): HTMLElement {
  const cards = details.confusions.map((confusion) => confusionCard(confusion, context));
  return h(
    "section",
    { class: "block", "aria-labelledby": "confusions-title" },
    h("div", { class: "block-head" }, h("h2", { id: "confusions-title", text: t("confusions") })),
    h("ul", { class: "confusions" }, ...cards),
  );
}

function confusionCard(
  { name, correct, total, takenFor }: ClassConfusion,
  context: Context,
): HTMLElement {
  return h(
    "li",
    { class: "confusion" },
    h(
      "div",
      { class: "confusion-head" },
      h("h3", { text: name }),
      h("span", { class: "muted figures", text: t("correctOf", integer(correct), integer(total)) }),
    ),
    h(
      "ul",
      { class: "taken-list" },
      ...takenFor.map((taken) => {
        const fill = h("span", { class: "bar-fill" });
        fill.style.transform = `scaleX(${taken.count / total})`;
        return h(
          "li",
          {
            class: "taken",
            title: t("takenFor", taken.name, integer(taken.count), integer(total)),
          },
          h("span", { class: "taken-name", text: taken.name }),
          h("span", { class: "bar", "aria-hidden": "true" }, fill),
          h("span", { class: "figures", text: integer(taken.count) }),
          h(
            "span",
            { class: "thumbnails" },
            ...taken.pictures.map((picture) => thumbnail(picture, name, taken.name, context)),
          ),
        );
      }),
    ),
  );
}

function thumbnail(
  picture: Picture,
  label: string,
  predicted: string,
  context: Context,
): HTMLElement {
  const made = h("button", {
    type: "button",
    class: "thumbnail",
    "aria-label": t("openImage", picture.path, label, predicted),
    title: picture.path,
  });
  made.append(image(picture, made));
  made.addEventListener("click", () => openImage(picture, context));
  return made;
}

/** The picture itself; its button says in words what it shows, and that it is not there. */
function image({ uri }: Picture, owner: HTMLElement): HTMLElement {
  const missing = (): HTMLElement => {
    setAttribute(owner, "aria-label", `${owner.getAttribute("aria-label")}: ${t("noPicture")}`);
    // Drawn by the style: the button's name already has it, in another place.
    return h("span", { class: "no-picture", "data-text": t("noPicture") });
  };
  if (uri === null) return missing();
  const made = h("img", { src: uri, alt: "", loading: "lazy", decoding: "async" });
  made.addEventListener("error", () => made.replaceWith(missing()));
  return made;
}

function openImage({ path }: Picture, context: Context): void {
  const run = activeRun(context);
  if (run) context.bridge.post({ type: "openImage", run: run.id, path });
}

/** The wrongly classified images with the three classes that were thought likeliest, the surest mistakes first. */
export function createGallery(
  context: Context,
  details: Details,
): { element: HTMLElement; update(current: SplitDetails): void } {
  const count = h("span", { class: "muted" });
  const choice = h("span", {});
  const list = h("ul", { class: "gallery" });
  const more = h("div", { class: "more" });
  const element = h(
    "section",
    { class: "block", "aria-labelledby": "gallery-title" },
    h(
      "div",
      { class: "block-head" },
      h("h2", { id: "gallery-title", text: t("gallery") }),
      count,
      choice,
    ),
    list,
    more,
  );
  let classes = "";
  let cards: { mistake: Mistake; card: HTMLElement }[] = [];
  const showMore = button({ label: t("showMore") }, () => details.more());
  return {
    element,
    update(current) {
      const names = current.classes
        .filter(({ correct, total }) => correct < total)
        .map(({ name }) => name)
        .sort((a, b) => a.localeCompare(b));
      const shape = JSON.stringify([current.run, current.split, names]);
      if (shape !== classes) {
        classes = shape;
        const options = [
          { value: "", text: t("allClasses") },
          ...names.map((name) => ({ value: name, text: name })),
        ];
        const chosen = details.label() ?? "";
        replaceChildren(
          choice,
          select(t("class"), options, chosen, (value) => details.narrow(value || null)).element,
        );
      }
      const mistakes = details.mistakes();
      count.textContent = t(
        "mistakesCount",
        integer(mistakes.length),
        integer(current.totalMistakes),
      );
      // Cards that are there stay, so that their pictures are not loaded again.
      cards = mistakes.map(
        (mistake, i) =>
          (cards[i]?.mistake === mistake ? cards[i] : null) ?? {
            mistake,
            card: mistakeCard(mistake, context),
          },
      );
      replaceChildren(list, ...cards.map(({ card }) => card));
      replaceChildren(more, mistakes.length < current.totalMistakes ? showMore.element : null);
    },
  };
}

function mistakeCard(mistake: Mistake, context: Context): HTMLElement {
  const picture = h("span", { class: "mistake-image" });
  const made = h(
    "button",
    {
      type: "button",
      class: "mistake",
      title: mistake.path,
      "aria-label": t("openImage", mistake.path, mistake.label, mistake.top[0]?.name ?? ""),
    },
    picture,
    h("span", { class: "mistake-label", text: t("isA", mistake.label) }),
  );
  picture.append(image(mistake, made));
  made.addEventListener("click", () => openImage(mistake, context));
  const top = mistake.top.map(({ name, probability }) => {
    const fill = h("span", { class: "bar-fill" });
    fill.style.transform = `scaleX(${probability})`;
    return h(
      "li",
      { class: name === mistake.label ? "guess right" : "guess" },
      h("span", { class: "guess-name", text: name, title: name }),
      h("span", { class: "figures", text: share(probability) }),
      h("span", { class: "bar", "aria-hidden": "true" }, fill),
    );
  });
  return h("li", {}, made, h("ol", { class: "guesses" }, ...top));
}
