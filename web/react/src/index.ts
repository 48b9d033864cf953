export { SluiceProvider, useClient } from "./provider.js";
export {
  useActions,
  useConnection,
  useJob,
  useJobDocument,
  useJobs,
  useProgress,
  useThroughput,
  useUpload,
  useUploadProgress,
  useUploadStatus,
  useWebSocket,
} from "./hooks.js";
export type { ImportState, JobActions, LiveFilter, UploadHook } from "./hooks.js";
export { Bar, ConnectionDot, ProgressRow, StageChips, TransferList, connectionWords } from "./jobs.js";
export type { BarProps, ProgressRowProps, TransferListProps } from "./jobs.js";
export { UploadDropzone, UploadModal, UploadProgress, UploadRow } from "./uploads.js";
export type { UploadDropzoneProps, UploadModalProps, UploadProgressProps } from "./uploads.js";
export { bytes, millis, speed, stateWords, timeLeft } from "./words.js";
