/**
 * What the two ends of a sandbox's console say to each other, byte by byte: the relay protocol, generations 1 to 7.
 *
 * <p>Three layers, each usable without the one above it:
 * <ol>
 *   <li>frames: {@link dev.sluice.protocol.FrameDescriptor} draws them, {@link dev.sluice.protocol.FrameDecoder} finds them in a stream
 *       without touching bodies, {@link dev.sluice.protocol.FrameAssembler} hands out whole ones;</li>
 *   <li>envelopes: {@link dev.sluice.protocol.Envelope} and {@link dev.sluice.protocol.MessageType#recognise} tell what a body is, over
 *       {@link dev.sluice.protocol.CborReader};</li>
 *   <li>messages: {@link dev.sluice.protocol.DataFrame} and {@link dev.sluice.protocol.WindowFrame} for what is sent often, without
 *       allocation; records and {@link dev.sluice.protocol.Frames} for the rest.</li>
 * </ol>
 *
 * <p>Memory is a {@link java.lang.foreign.MemorySegment} and an offset everywhere; nothing here closes or keeps a segment beyond what its
 * documentation says. No class of this package is safe for use by several threads at once, immutable ones (records, enums,
 * {@link dev.sluice.protocol.ByteString}) excepted. Input is taken to be hostile: whatever the bytes, a decoder ends in a value or a
 * {@link dev.sluice.protocol.ProtocolException}, in time and memory proportional to the input. Memory that a peer can change while it is
 * read must be copied by the caller first: decoders never read outside the given bounds, but two reads of one byte may differ.
 */
package dev.sluice.protocol;
