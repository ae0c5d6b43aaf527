/**
 * Socket addresses, listeners and connections. Descriptors are plain ints, non-blocking and close-on-exec; who gets one owns it.
 */
package dev.sluice.vsock;
