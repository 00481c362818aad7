import { isHubId } from "../models/hub";
import type { SplitResult } from "../protocol/events";
import type { FrozenConfig } from "../protocol/frozen";

export interface ModelCardFacts {
  name: string;
  layout: "Hugging Face" | "OpenCLIP";
  config: FrozenConfig;
  step: number;
  /** How many the classifier chooses between. */
  classes: number;
  adapted: readonly SplitResult[];
  zeroShot: readonly SplitResult[];
}

/** The README.md of an exported model: what it is, what it was measured at, and how to use it. Hugging Face's hub reads its head. */
export function modelCard(facts: ModelCardFacts): string {
  const { name, layout, config, step, classes } = facts;
  const { model, lora, glad, run } = config;
  const how = glad.alpha === 0 ? "LoRA" : glad.alpha === 1 ? "LoRA and SAM" : "LoRA and GLAD";
  const head = [
    "---",
    ...(isHubId(model) ? [`base_model: ${model}`] : []),
    `library_name: ${layout === "OpenCLIP" ? "open_clip" : "transformers"}`,
    "pipeline_tag: zero-shot-image-classification",
    "---",
  ];
  return `${head.join("\n")}

# ${name}

CLIP${isHubId(model) ? ` (${model})` : ""}, adapted to few images per class with ${how}, whose adapter is merged into its weights: step ${step} of the run
\`${run.id}\`, rank ${lora.rank}. The prompt of a class is \`${config.data.template}\`.

${accuracies(facts)}## Classify images with ONNX

\`classifier.onnx\` chooses between ${classes} classes and needs onnxruntime alone. It takes its weights from \`${weightsOf(layout)}\`, which must lie beside it;
\`classifier.json\` names the classes and says how an image is prepared:

\`\`\`python
import json
import numpy as np, onnxruntime
from PIL import Image

settings = json.load(open("classifier.json"))
how = settings["preprocessing"]
image = Image.open("image.jpg").convert("RGB")
short = min(image.size)
image = image.resize([how["resize"] * side // short for side in image.size], Image.Resampling.BICUBIC)
left, top = (${marginOf(layout)} for side in image.size)
image = image.crop((left, top, left + how["crop"], top + how["crop"]))
pixels = (np.asarray(image, np.float32) / 255 - np.float32(how["mean"])) / np.float32(how["std"])
pixels = np.repeat(pixels.transpose(2, 0, 1)[None], settings["input"]["shape"][0], axis=0)
[probabilities] = onnxruntime.InferenceSession("classifier.onnx").run(["probabilities"], {"pixel_values": pixels})
print(settings["classes"][probabilities[0].argmax()], probabilities[0].max())
\`\`\`

## Use it as a CLIP

${layout === "OpenCLIP" ? openClipUse : transformersUse}
GLAD itself takes the folder as \`"model"\` in \`glad.json\`.
`;
}

/** In Python, whose `round` takes the even number. */
function marginOf(layout: ModelCardFacts["layout"]): string {
  return layout === "OpenCLIP" ? 'round((side - how["crop"]) / 2)' : '(side - how["crop"]) // 2';
}

function weightsOf(layout: ModelCardFacts["layout"]): string {
  return layout === "OpenCLIP" ? "open_clip_model.safetensors" : "model.safetensors";
}

function accuracies({ adapted, zeroShot }: ModelCardFacts): string {
  if (adapted.length === 0) return "";
  const before = new Map(zeroShot.map(({ split, accuracy }) => [split, accuracy]));
  const rows = adapted.map(({ split, accuracy, correct, total }) => {
    const without = before.get(split);
    const cell = without === undefined ? "-" : `${without.toFixed(2)}%`;
    return `| ${nameOf(split)} | ${accuracy.toFixed(2)}% (${correct} of ${total}) | ${cell} |`;
  });
  return `| measured on | accuracy | CLIP before |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`;
}

function nameOf(split: string): string {
  const names: Record<string, string> = {
    all: "test images",
    base: "test images of the classes that were trained on (base)",
    novel: "test images of the other classes (novel)",
    val: "validation images",
  };
  return names[split] ?? split.replace(/^target:/, "");
}

const transformersUse = `\`\`\`python
import json
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

settings = json.load(open("classifier.json"))
model, processor = CLIPModel.from_pretrained("."), CLIPProcessor.from_pretrained(".")
prompts = [settings["template"].replace("{}", name) for name in settings["classes"]]
inputs = processor(text=prompts, images=Image.open("image.jpg"), return_tensors="pt", padding=True, truncation=True)
print(model(**inputs).logits_per_image.softmax(-1))
\`\`\`
`;

const openClipUse = `\`\`\`python
import json
import open_clip
from PIL import Image

settings = json.load(open("classifier.json"))
model, _, prepare = open_clip.create_model_and_transforms("local-dir:.")
tokens = open_clip.get_tokenizer("local-dir:.")([settings["template"].replace("{}", name) for name in settings["classes"]])
model.eval()
images, texts, scale = model(prepare(Image.open("image.jpg")).unsqueeze(0), tokens)
print((scale * images @ texts.T).softmax(-1))
\`\`\`
`;
