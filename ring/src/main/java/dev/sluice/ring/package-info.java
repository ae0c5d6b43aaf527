/**
 * The shared-memory console ring. {@link dev.sluice.ring.RingDescriptor} draws the memory; {@link dev.sluice.ring.RingWriter} and
 * {@link dev.sluice.ring.RingReader} are one direction's two ends and trust nothing the other end writes;
 * {@link dev.sluice.ring.RingChannel} joins both directions with the socket that wake-ups go over, and
 * {@link dev.sluice.ring.RingHandOver} makes one on the host and receives it in the guest.
 */
package dev.sluice.ring;
