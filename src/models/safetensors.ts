/** Reading and writing of safetensors files. */
export { readSafetensorsHeader, type SafetensorsHeader } from "./safetensorsHeader";
export { readFloat32, readNamedTensors } from "./tensorValues";
export { type TensorSource, writeSafetensors, writeTensorSources } from "./writeSafetensors";
