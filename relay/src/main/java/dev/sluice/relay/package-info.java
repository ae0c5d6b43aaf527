/**
 * The relay: lets many programs talk to one guest. Programs that embed it begin at {@link dev.sluice.relay.Relay}, and set its options with
 * {@link dev.sluice.relay.RelayContext}; everything that is not public is the relay's own business.
 *
 * <p>On the class path, in a JVM that is started with
 *
 * <pre>
 * --enable-native-access=ALL-UNNAMED --add-exports java.base/jdk.internal.misc=ALL-UNNAMED
 * </pre>
 *
 * or from a jar that has {@code Enable-Native-Access: ALL-UNNAMED} and {@code Add-Exports: java.base/jdk.internal.misc} in its manifest.
 * The first is for system calls; without it the JVM warns. The second is for Agrona's buffers, which the exec log is written through:
 * without it {@link dev.sluice.relay.Relay#open} refuses a context that has a log.
 */
package dev.sluice.relay;
