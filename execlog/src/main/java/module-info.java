/**
 * The log of what programs in a sandbox have written. No native access, no dependencies.
 */
module dev.sluice.execlog {
    exports dev.sluice.execlog;
}
