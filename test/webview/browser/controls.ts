/** One of each control with what it told, for a test that any library behind the adapter has to pass. */
import {
  button,
  checkbox,
  progressRing,
  registerControls,
  select,
  tabs,
  textField,
} from "../../../webview/ui/toolkit";
import { icon } from "../../../webview/ui/icons";

const told: unknown[] = [];
const tell = (control: string) => (value?: unknown) => told.push([control, value ?? null]);

registerControls();
const plain = button({ label: "Plain" }, tell("plain"));
const quiet = button({ label: "Quiet", look: "quiet" }, tell("quiet"));
const picture = button({ label: "Picture", look: "icon", icon: icon("table") }, tell("picture"));
const off = button({ label: "Off", look: "primary" }, tell("off"));
off.setEnabled(false);
const box = checkbox("Box", true, tell("box"));
const options = ["One", "Two", "Three"].map((text) => ({ value: text.toLowerCase(), text }));
const choice = select("Choice", options, "two", tell("choice"));
const field = textField("Field", tell("field"));
const views = ["First", "Second"].map((title) => {
  const view = document.createElement("p");
  view.textContent = `${title} view`;
  return { id: title.toLowerCase(), title, view };
});
const panels = tabs("Panels", views, "first", tell("tabs"));
const made = [plain, quiet, picture, off, box, choice, field, panels];
document.body.append(...made.map(({ element }) => element), progressRing("Ring"));

/** A choice that is made in a frame, as pages make theirs, and what it says when that frame is drawn. */
const saidAtOnce = (): Promise<string> =>
  new Promise((done) =>
    requestAnimationFrame(() => {
      const { element } = select("Late choice", options, "three", tell("late choice"));
      document.body.append(element);
      setTimeout(() => {
        const slot = element.shadowRoot!.querySelector<HTMLSlotElement>("[name=selected-value]")!;
        done(
          slot
            .assignedNodes({ flatten: true })
            .map((node) => node.textContent)
            .join(""),
        );
        element.remove();
      });
    }),
  );

Object.assign(window, { gladControls: { told, plain, picture, box, panels, saidAtOnce } });
