export { SluiceProvider, useClient } from "./provider.js";
