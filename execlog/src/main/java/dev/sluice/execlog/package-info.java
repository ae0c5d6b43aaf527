/**
 * The exec log: what the programs of a sandbox wrote to their outputs, as JSON Lines that other implementations' readers take as well.
 *
 * <pre>
 * {"t":"2026-05-03T12:00:00.001Z","s":"system","d":"--- sandbox started ---\n"}
 * {"t":"2026-05-03T12:00:01.250Z","s":"stdout","d":"hi\n","id":1}
 * {"t":"2026-05-03T12:00:02.900Z","s":"output","d":"\u001b[1mroot\u001b[0m# ","id":2}
 * {"t":"2026-05-03T12:00:03.000Z","s":"stdout","d":"/w==","id":1,"e":"b64"}
 * {"t":"2026-05-03T12:00:04.100Z","s":"system","d":"--- gap: 4096 bytes of stdout lost: ENOSPC ---\n","id":1,
 *     "gap":{"s":"stdout","bytes":4096,"cause":"ENOSPC"}}
 * </pre>
 *
 * (The last is one line in the file.) Keys are written in this order:
 *
 * <ul>
 *   <li>{@code t}: when the relay took the bytes in, RFC 3339, UTC, milliseconds;
 *   <li>{@code s}: {@code stdout}, {@code stderr}, {@code output} (a terminal's, both in one), or {@code system};
 *   <li>{@code d}: the bytes, as text when they are UTF-8, else in base64;
 *   <li>{@code id}: number of the session, from 1 on, given once, also by later relays to the same log; absent where a line concerns no
 *       session;
 *   <li>{@code e}: {@code b64} when {@code d} is base64, otherwise absent;
 *   <li>{@code gap}: in lines that mark a gap, whose bytes are missing, how many, and why.
 * </ul>
 *
 * <p>The bytes of {@code d}, decoded and put together over the lines of one session and source, are exactly those that were written, but
 * for the gaps, which are marked where they are. A character that arrived in two parts is put into one line whole. A reader that does not
 * know {@code gap} sees a system line that says the same in words. Lines that cannot be parsed are to be skipped: a last line without its
 * newline is one that is being written, or that a crash has cut; the writer removes it when it starts again.
 *
 * <p>The newest lines are in {@code exec.log}, older ones in {@code exec.log.1} to {@code exec.log.3}; there is never a fourth.
 *
 * <p>Source of the form without {@code gap}: relay protocol, section 3.2.
 */
package dev.sluice.execlog;
