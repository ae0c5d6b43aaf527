package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files with an agent of generation 7 that knows no windows, against golden frames. */
class FilesTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    private ScriptedRelay relay;
    private SandboxClient client;
    private SandboxFiles files;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect(FileWire.GREETING_7);
        files = client.files();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void aFileIsLookedAt() throws Exception {
        final Task<FileInfo> looking = Task.start(() -> files.stat("/"));
        assertArrayEquals(FileWire.STAT_ROOT, relay.receive());
        answer(1, FileWire.STAT_FILE);
        final FileInfo info = looking.get();
        assertEquals(ByteString.of("/t/f"), info.path());
        assertEquals(ByteString.of("f"), info.name());
        assertEquals(FsKind.FILE, info.kind());
        assertEquals(4, info.size());
        assertEquals(0600, info.permissions());
        assertEquals(Instant.ofEpochSecond(1000), info.modifiedTime());
    }

    @Test
    void aFailureIsTypedAndHasTheAgentsWords() throws Exception {
        final Task<FileInfo> looking = Task.start(() -> files.linkStat("/nope"));
        relay.receive();
        answer(1, FileWire.FAILED);
        final FileOperationException failure = assertThrows(FileOperationException.class, looking::get);
        assertEquals("link stat", failure.operation());
        assertEquals(ByteString.of("/nope"), failure.path());
        assertEquals("stat: No such file or directory (os error 2)", failure.agentText());
        assertEquals("ENOENT", failure.errnoName());
        final Task<Boolean> existing = Task.start(() -> files.exists("/nope"));
        relay.receive();
        answer(2, FileWire.FAILED);
        assertFalse(existing.get());
        final Task<Boolean> unknown = Task.start(() -> files.exists("/secret/x"));
        relay.receive();
        relay.send(FileWire.failed(3, "stat: Permission denied (os error 13)"));
        assertThrows(FileOperationException.class, unknown::get);
    }

    @Test
    void aFileIsReadAsTheSpecificationSays() throws Exception {
        final Task<String> reading = Task.start(() -> files.readString("/nope"));
        assertArrayEquals(Wire.withId(FileWire.OPEN_READ_NOPE, 1), relay.receive());
        answer(1, FileWire.HANDLE_1);
        final byte[] read = relay.receive();
        assertEquals("Read", FileWire.operation(read));
        assertEquals(1, Wire.number(read, "handle"));
        assertEquals(FileSource.FIRST_SEGMENT_LENGTH, Wire.number(read, "len"));
        relay.send(Wire.withId(FileWire.DATA_ABC, 2), Wire.withId(FileWire.DATA_ABC, 2), Wire.withId(FileWire.OK, 2));
        assertArrayEquals(Wire.withId(FileWire.CLOSE_HANDLE_1, 3), relay.receive());
        assertEquals("abcabc", reading.get());
    }

    @Test
    void aReadThatEndsWithoutSayingSoIsAFailure() throws Exception {
        for (final byte[] end : List.of(FileWire.INVALID_PAYLOAD, FileWire.FAILED,
            Wire.frame("core.fs.evaporated", 0, Wire.TERMINAL, new byte[] {(byte) 0xA0}))) {
            final Task<byte[]> reading = Task.start(() -> files.read("/nope"));
            final int open = Wire.id(relay.receive());
            answer(open, FileWire.HANDLE_1);
            relay.receive();
            relay.send(Wire.withId(FileWire.DATA_ABC, open + 1), Wire.withId(end, open + 1));
            assertThrows(FileOperationException.class, reading::get);
            assertEquals("CloseHandle", FileWire.operation(relay.receive()));
        }
        final Task<byte[]> cutOff = Task.start(() -> files.read("/nope"));
        answer(Wire.id(relay.receive()), FileWire.HANDLE_1);
        final int id = Wire.id(relay.receive());
        relay.send(Wire.withId(FileWire.DATA_ABC, id));
        relay.closePeer();
        assertThrows(ConnectionLostException.class, cutOff::get);
    }

    @Test
    void aLongFileIsReadInSegmentsThatGrow() throws Exception {
        final Task<Long> reading = Task.start(() -> {
            try (InputStream content = files.newInputStream("/long")) {
                return content.transferTo(OutputStream.nullOutputStream());
            }
        });
        answer(Wire.id(relay.receive()), FileWire.HANDLE_1);
        long offset = 0;
        long segment = FileSource.FIRST_SEGMENT_LENGTH;
        for (int i = 0; i < 3; i++) {
            final byte[] read = relay.receive();
            assertEquals(offset, Wire.number(read, "offset"));
            assertEquals(segment, Wire.number(read, "len"));
            sendContent(Wire.id(read), (int) segment - (i == 2 ? 1 : 0));
            answer(Wire.id(read), FileWire.OK);
            offset += segment;
            segment *= 2;
        }
        assertEquals("CloseHandle", FileWire.operation(relay.receive()));
        assertEquals(offset - 1, reading.get());
    }

    @Test
    void aFileIsWrittenAsTheSpecificationSays() throws Exception {
        final byte[] content = new byte[100_000];
        new Random(7).nextBytes(content);
        final Task<Void> writing = Task.start(() -> {
            files.write("/tmp/z", content);
            return null;
        });
        assertArrayEquals(Wire.withId(FileWire.OPEN_WRITE_TMP_Z, 1), relay.receive());
        relay.send(FileWire.handle(1, 3));
        assertArrayEquals(Wire.withId(FileWire.WRITE_HANDLE_3, 2), relay.receive());
        byte[] received = {};
        byte[] frame = relay.receive();
        while (!Arrays.equals(frame, Wire.withId(FileWire.DATA_EOF, 2))) {
            received = Wire.concat(received, Wire.dataOf(frame));
            frame = relay.receive();
        }
        assertArrayEquals(content, received);
        answer(2, FileWire.OK);
        assertEquals("CloseHandle", FileWire.operation(relay.receive()));
        assertFalse(writing.isDone());
        answer(3, FileWire.OK);
        writing.get();
    }

    @Test
    void aWriteThatIsGivenUpDoesNotPassForTheWhole() throws Exception {
        try (ScriptedRelay other = new ScriptedRelay();
            SandboxClient sandbox = other.connect(FileWire.greetingWithWindow(100))) {
            final Task<OutputStream> opening = Task.start(() -> sandbox.files().withDeadline(SHORT).newOutputStream("/tmp/z"));
            other.receive();
            other.send(FileWire.handle(1, 3));
            final OutputStream content = opening.get();
            assertThrows(DeadlineExceededException.class, () -> content.write(new byte[1000]));
            assertThrows(IOException.class, content::close);
            other.receive();
            byte[] frame = other.receive();
            while (Wire.type(frame).equals("core.fs.data") && frame[frame.length - 1] != (byte) 0xF6) {
                assertNotEquals(0, Wire.dataOf(frame).length);
                frame = other.receive();
            }
            final byte[] spoiled = Wire.withId(FileWire.DATA_EOF, 2);
            spoiled[spoiled.length - 1] = (byte) 0xF6;
            assertArrayEquals(spoiled, frame);
            assertEquals("CloseHandle", FileWire.operation(other.receive()));
        }
    }

    @Test
    void aWriteThatFailsHalfWayIsToldAndTheHandleClosed() throws Exception {
        final Task<Void> writing = Task.start(() -> {
            try (OutputStream content = files.newOutputStream("/tmp/z")) {
                while (true) {
                    content.write(new byte[10_000]);
                }
            }
        });
        relay.receive();
        relay.send(FileWire.handle(1, 3));
        relay.receive();
        relay.send(FileWire.failed(2, "write: No space left on device (os error 28)"));
        // What is under way is read on, so that the close is found behind it.
        assertEquals("CloseHandle", FileWire.operation(relay.receive("core.fs.request")));
        final FileOperationException failure = assertThrows(FileOperationException.class, writing::get);
        assertEquals("ENOSPC", failure.errnoName());
    }

    @Test
    void anInterruptedCallHarmsNobodyAndItsHandleIsClosed() throws Exception {
        final Task<byte[]> reading = Task.startVirtual(() -> files.read("/nope"));
        final int open = Wire.id(relay.receive());
        reading.awaitWaiting();
        reading.interrupt();
        assertThrows(InterruptedException.class, reading::get);
        answer(open, FileWire.HANDLE_1);
        assertArrayEquals(Wire.withId(FileWire.CLOSE_HANDLE_1, open + 1), relay.receive());
        answer(open + 1, FileWire.OK);
        final Task<ByteString> next = Task.start(() -> files.realPath("/"));
        answer(Wire.id(relay.receive()), FileWire.PATH_ROOT);
        assertEquals(ByteString.of("/"), next.get());
        assertEquals(0, client.ignoredFrames());
    }

    @Test
    void aStreamThatIsClosedEarlyLetsTheRestOfItsSegmentGo() throws Exception {
        final Task<InputStream> opening = Task.start(() -> files.newInputStream("/nope"));
        answer(Wire.id(relay.receive()), FileWire.HANDLE_1);
        final InputStream content = opening.get();
        final Task<Integer> reading = Task.start(content::read);
        final int id = Wire.id(relay.receive());
        relay.send(Wire.withId(FileWire.DATA_ABC, id));
        assertEquals('a', reading.get());
        content.close();
        assertEquals("CloseHandle", FileWire.operation(relay.receive()));
        sendContent(id, 500_000);
        answer(id, FileWire.OK);
        assertEquals(-1, content.read());
    }

    @Test
    void aCallThatIsNotAnsweredEndsAtItsDeadline() throws Exception {
        final SandboxFiles impatient = files.withDeadline(Duration.ofMillis(100));
        assertThrows(DeadlineExceededException.class, () -> impatient.stat("/"));
        final Task<FileInfo> patient = Task.start(() -> files.stat("/"));
        relay.receive();
        final int id = Wire.id(relay.receive());
        answer(id, FileWire.STAT_FILE);
        patient.get();
    }

    @Test
    void aDirectoryIsListedByPages() throws Exception {
        final Task<List<FileInfo>> listing = Task.start(() -> files.list("/t/a"));
        assertEquals("OpenDir", FileWire.operation(relay.receive()));
        relay.send(FileWire.handle(1, 9));
        for (int id = 2; id < 4; id++) {
            final byte[] page = relay.receive();
            assertEquals("ReadDir", FileWire.operation(page));
            assertEquals(9, Wire.number(page, "handle"));
            answer(id, FileWire.LIST_ONE);
        }
        relay.receive();
        answer(4, FileWire.LIST_EMPTY);
        assertEquals("CloseHandle", FileWire.operation(relay.receive()));
        final List<FileInfo> entries = listing.get();
        assertEquals(2, entries.size());
        assertEquals(ByteString.of("f0"), entries.getFirst().name());
    }

    @Test
    void aHandleReadsAndWritesAtPlaces() throws Exception {
        final OpenOptions options = OpenOptions.builder().forReading().forWriting().build();
        final Task<FileHandle> opening = Task.start(() -> files.open("/tmp/z", options));
        relay.receive();
        answer(1, FileWire.HANDLE_1);
        final FileHandle handle = opening.get();
        final byte[] target = new byte[10];
        final Task<Integer> reading = Task.start(() -> handle.read(1L << 40, target, 2, 5));
        final byte[] read = relay.receive();
        assertEquals(5, Wire.number(read, "len"));
        relay.send(Wire.withId(FileWire.DATA_ABC, 2), Wire.withId(FileWire.OK, 2));
        assertEquals(3, reading.get());
        assertArrayEquals(new byte[] {0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 0}, target);
        final Task<Void> writing = Task.start(() -> {
            handle.write(77, new byte[] {'a', 'b', 'c', 'd'}, 0, 3);
            return null;
        });
        final byte[] write = relay.receive();
        assertEquals(77, Wire.number(write, "offset"));
        assertEquals(3, Wire.number(write, "len"));
        assertArrayEquals(Wire.withId(FileWire.DATA_ABC, 3), relay.receive());
        assertArrayEquals(Wire.withId(FileWire.DATA_EOF, 3), relay.receive());
        answer(3, FileWire.OK);
        writing.get();
        final Task<Void> more = Task.start(() -> {
            handle.read(0, target, 0, 2);
            return null;
        });
        relay.receive();
        relay.send(Wire.withId(FileWire.DATA_ABC, 4), Wire.withId(FileWire.OK, 4));
        assertThrows(FileOperationException.class, more::get, "more than was asked for");
        final Task<Void> closing = Task.start(() -> {
            handle.close();
            handle.close();
            return null;
        });
        assertArrayEquals(Wire.withId(FileWire.CLOSE_HANDLE_1, 5), relay.receive());
        answer(5, FileWire.OK);
        closing.get();
    }

    @Test
    void anAnswerToAnotherQuestionIsAFailure() throws Exception {
        final Task<FileInfo> looking = Task.start(() -> files.stat("/"));
        relay.receive();
        answer(1, FileWire.PATH_ROOT);
        assertThrows(FileOperationException.class, looking::get);
        final Task<OutputStream> opening = Task.start(() -> files.newOutputStream("/tmp/z"));
        relay.receive();
        relay.send(FileWire.handle(2, 3));
        final OutputStream content = opening.get();
        final Task<Void> writing = Task.start(() -> {
            while (true) {
                content.write(new byte[1000]);
            }
        });
        final int id = Wire.id(relay.receive());
        answer(id, FileWire.OK);
        final FileOperationException failure = assertThrows(FileOperationException.class, writing::get);
        assertTrue(failure.getMessage().contains("before everything was sent"), failure.getMessage());
    }

    @Test
    void aPathThatCannotBeIsRefusedHere() {
        assertThrows(IllegalArgumentException.class, () -> files.stat(""));
        assertThrows(IllegalArgumentException.class, () -> files.remove("/a\0b"));
        assertThrows(IllegalArgumentException.class, () -> files.createDirectories("/a", 010000));
        assertThrows(IllegalArgumentException.class, () -> OpenOptions.builder().create().build());
        assertTrue(client.isOpen());
    }

    private void answer(final int id, final byte[] frame) throws IOException {
        relay.send(Wire.withId(frame, id));
    }

    private void sendContent(final int id, final int length) throws IOException {
        for (int sent = 0; sent < length; sent += 50_000) {
            relay.send(Wire.data("core.fs.data", id, new byte[Math.min(50_000, length - sent)]));
        }
    }
}
