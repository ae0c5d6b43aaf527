package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.client.FileInfo;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileLineTest {
    private static final ByteString ODD = ByteString.copyOf((byte) 'a', (byte) 0xFF, (byte) 27, (byte) '\n', (byte) '\t');

    private static FileInfo info(final FsKind kind, final int mode) {
        return new FileInfo(ByteString.of("/x"), kind, 12, mode, 0, 65534, null, Instant.ofEpochSecond(1));
    }

    @ParameterizedTest
    @CsvSource({
        "FILE, 0100644, -rw-r--r--", "FILE, 0755, -rwxr-xr-x", "DIR, 041777, drwxrwxrwt", "DIR, 041776, drwxrwxrwT",
        "SYMLINK, 0777, lrwxrwxrwx",
        "FILE, 0106711, -rws--s--x", "FILE, 0106000, ---S--S---", "OTHER, 0010600, prw-------", "OTHER, 0020600, crw-------",
        "OTHER, 0060600, brw-------", "OTHER, 0140600, srw-------", "OTHER, 0600, ?rw-------"
    })
    void modesAreAsTheyAreKnown(final FsKind kind, final String mode, final String text) {
        assertEquals(text, FileLine.modeText(info(kind, Integer.parseInt(mode, 8))));
    }

    @Test
    void aLineHasEverything() {
        final FileLine line = new FileLine(ByteString.of("name"), info(FsKind.SYMLINK, 0120777), ByteString.of("to"));
        assertEquals("name\n", new String(line.toText(false, false), StandardCharsets.UTF_8));
        assertEquals("lrwxrwxrwx     0 65534           12 1970-01-01T00:00:01Z name -> to\n",
            new String(line.toText(true, false), StandardCharsets.UTF_8));
        assertEquals("{\"name\":\"name\",\"type\":\"symlink\",\"size\":12,\"mode\":\"0777\",\"uid\":0,\"gid\":65534,"
            + "\"modified\":\"1970-01-01T00:00:01Z\",\"target\":\"to\"}\n", new String(line.toJson(), StandardCharsets.UTF_8));
    }

    @Test
    void namesAreBytesButOnATerminal() {
        final FileLine line = new FileLine(ODD, info(FsKind.FILE, 0644), null);
        assertArrayEquals(new byte[] {'a', (byte) 0xFF, 27, '\n', '\t', '\n'}, line.toText(false, false));
        assertEquals("a\\xff\\x1b\\x0a\\x09\n", new String(line.toText(false, true), StandardCharsets.UTF_8));
        assertEquals("{\"name\":\"a\ufffd\\u001b\\u000a\\u0009\",\"name_base64\":\"Yf8bCgk=\",\"type\":\"file\",\"size\":12,"
            + "\"mode\":\"0644\",\"uid\":0,\"gid\":65534,\"modified\":\"1970-01-01T00:00:01Z\"}\n",
            new String(line.toJson(), StandardCharsets.UTF_8));
    }
}
