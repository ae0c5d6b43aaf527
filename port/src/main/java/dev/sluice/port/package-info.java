/**
 * A console port as both of its ends see it: {@link dev.sluice.port.Port}, over the shared-memory ring and over byte streams, and
 * {@link dev.sluice.port.PortSources}, which opens the one an address names.
 */
package dev.sluice.port;
