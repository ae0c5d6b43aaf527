/** Runs programs in a sandbox, through the socket of its relay. */
module dev.sluice.client {
    requires transitive dev.sluice.protocol;

    exports dev.sluice.client;
}
