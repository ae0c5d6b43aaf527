/**
 * Frames, CBOR and messages of the relay protocol. No I/O, no dependencies.
 */
module dev.sluice.protocol {
    exports dev.sluice.protocol;
}
