import { memoryUsedUp, nativeReason } from "../util/nativeReason";
import { type Device, deviceName } from "./device";

/**
 * The processor failed while a graph ran: the GPU was reset or removed, its driver crashed, or its memory ran out.
 * The parameters of the run are not harmed, but no session of this process can be relied on any more.
 */
export class DeviceLostError extends Error {
  override name = "DeviceLostError";
  constructor(
    readonly device: Device,
    detail: string,
  ) {
    const reason = nativeReason(detail) ?? firstLine(detail);
    const mend =
      reason === memoryUsedUp
        ? "resume the run: it goes on with passes of half the size"
        : `resume the run when it works again, or with another "device"`;
    super(`the device "${deviceName(device)}" failed in mid-run: ${reason}; ${mend}`);
  }
}

/**
 * Whether an error of onnxruntime's `run` says that the device failed. Shapes are static, so a graph that `ran` before
 * cannot fail because of itself; before its first run it can, and then only known words count.
 */
export function isDeviceLoss(device: Device, message: string, ran: boolean): boolean {
  if (device.kind === "cpu" || wrongFeeds.test(message)) return false;
  return ran || lossWords.test(message);
}

/** onnxruntime's checks of what it is fed, which come before the device is used. */
const wrongFeeds =
  /^input '.*' is missing|Unexpected input data type|[Ii]nvalid (?:dimensions|rank)|Session already disposed/;

const lossWords =
  /device (?:is |was )?lost|DEVICE_LOST|DEVICE_(?:REMOVED|HUNG|RESET)|\b887A000[567]\b|(?:CUDA|CUBLAS|CUDNN) (?:failure|error)|OUT_OF_DEVICE_MEMORY|E_OUTOFMEMORY|Failed to allocate memory/i;

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!;
}
