package dev.sluice.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Golden frames of files and connections, and frames put together by hand. */
final class FileWire {
    /** The greeting of a relay in front of an agent of generation 7: ids from 1 on. */
    static final byte[] GREETING_7 = Wire.hex("0000000101ffffff" + "000000520000000000a361760761746a636f72652e726561647961705838a36c626f6f"
        + "745f74696d655f6e731a08f0d1806c696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800");
    static final byte[] OK = Wire.hex(
        "000000310200000001a3617607617470636f72652e66732e726573706f6e7365617052a3626f6bf5656572726f72f66464617461f6");
    static final byte[] FAILED = Wire.hex("0000005f0000000d01a3617601617470636f72652e66732e726573706f6e73656170583fa3626f6bf4656572726f72"
        + "782c737461743a204e6f20737563682066696c65206f72206469726563746f727920286f73206572726f722032296464617461f6");
    static final byte[] HANDLE_1 = Wire.hex("0000003a0200000001a3617607617470636f72652e66732e726573706f6e73656170581aa3626f6bf5656572726f"
        + "72f66464617461a16648616e646c6501");
    static final byte[] PATH_ROOT = Wire.hex("000000390200000001a3617607617470636f72652e66732e726573706f6e736561705819a3626f6bf5656572726f"
        + "72f66464617461a16450617468612f");
    static final byte[] STAT_FILE = Wire.hex("000000840000001101a3617607617470636f72652e66732e726573706f6e736561705864a3626f6bf5656572726f"
        + "72f66464617461a16453746174a96470617468642f742f66646b696e646466696c656473697a6504646d6f6465198180686d6f6469666965641903e8637569"
        + "64006367696400656174696d651a6b0106ca656d74696d651903e8");
    static final byte[] LIST_EMPTY = Wire.hex(
        "000000380200001001a3617607617470636f72652e66732e726573706f6e736561705818a3626f6bf5656572726f72f66464617461a1644c69737480");
    static final byte[] LIST_ONE = Wire.hex("0000008c0000003301a3617607617470636f72652e66732e726573706f6e73656170586ca3626f6bf5656572726f72"
        + "f66464617461a1644c69737481a96470617468672f742f612f6630646b696e646466696c656473697a6500646d6f64651981a4686d6f6469666965641a6b01"
        + "06ca63756964006367696400656174696d651a6b0106ca656d74696d651a6b0106ca");
    static final byte[] DATA_ABC = Wire.hex("000000250200000100a361760761746c636f72652e66732e6461746161704aa1646461746143616263");
    static final byte[] DATA_EOF = Wire.hex("000000220200000100a361760761746c636f72652e66732e64617461617047a1646461746140");
    static final byte[] INVALID_PAYLOAD = Wire.hex("000000b60000001a01a361760761746a636f72652e6572726f726170589ca3646b696e646f696e76616c69"
        + "645f7061796c6f6164676d65737361676578636465636f6465207061796c6f616420666f7220636f72652e70696e673a2063626f72206465636f646520657272"
        + "6f723a2053656d616e746963284e6f6e652c2022696e76616c696420747970653a206e756c6c2c206578706563746564206d617022296e6f6666656e64696e"
        + "675f7479706569636f72652e70696e67");

    static final byte[] STAT_ROOT = Wire.hex("000000410000000102a361760761746f636f72652e66732e7265717565737461705822a1626f70a16453746174a2"
        + "6470617468612f6e666f6c6c6f775f73796d6c696e6bf5");
    static final byte[] OPEN_READ_NOPE = Wire.hex("0000007b03ffffff02a361760761746f636f72652e66732e726571756573746170585ca1626f70a1684f7065"
        + "6e46696c65a26470617468652f6e6f7065676f7074696f6e73a76472656164f5657772697465f466617070656e64f466637265617465f4687472756e63617465"
        + "f46a6372656174655f6e6577f4646d6f6465f6");
    static final byte[] OPEN_WRITE_TMP_Z = Wire.hex("0000007c0200000302a361760761746f636f72652e66732e726571756573746170585da1626f70a1684f70"
        + "656e46696c65a26470617468662f746d702f7a676f7074696f6e73a76472656164f4657772697465f566617070656e64f466637265617465f5687472756e6361"
        + "7465f56a6372656174655f6e6577f4646d6f6465f6");
    static final byte[] WRITE_HANDLE_3 = Wire.hex("000000400200000102a361760761746f636f72652e66732e7265717565737461705821a1626f70a165577269"
        + "7465a36668616e646c6503666f666673657400636c656ef6");
    static final byte[] CLOSE_HANDLE_1 = Wire.hex(
        "000000390200000202a361760761746f636f72652e66732e726571756573746170581aa1626f70a16b436c6f736548616e646c65a16668616e646c6501");

    static final byte[] LEGACY_STAT_HOSTS = Wire.hex(
        "0000003a0000000302a361760161746f636f72652e66732e726571756573746170581ba1626f70a16453746174a164706174686a2f6574632f686f737473");
    static final byte[] LEGACY_STAT_ANSWER = Wire.hex("0000006f0000000301a3617601617470636f72652e66732e726573706f6e73656170584fa3626f6bf565"
        + "6572726f72f66464617461a16453746174a564706174686a2f6574632f686f737473646b696e646466696c656473697a651894646d6f64651981a4686d6f64"
        + "69666965641a6b0108b9");
    static final byte[] LEGACY_WRITE_TMP_A = Wire.hex(
        "0000003f0000000402a361760161746f636f72652e66732e7265717565737461705820a1626f70a1655772697465a26470617468662f746d702f61646d6f64"
        + "651901a4");
    static final byte[] LEGACY_READ_TMP_A = Wire.hex(
        "000000350000000502a361760161746f636f72652e66732e72657175657374617057a1626f70a16452656164a16470617468662f746d702f61");
    static final byte[] LEGACY_LIST_TMP = Wire.hex(
        "000000330000000602a361760161746f636f72652e66732e72657175657374617055a1626f70a1644c697374a16470617468642f746d70");
    static final byte[] LEGACY_LIST_ANSWER = Wire.hex("0000006b0000000601a3617601617470636f72652e66732e726573706f6e73656170584ba3626f6bf565"
        + "6572726f72f66464617461a1644c69737481a56470617468662f746d702f61646b696e646466696c656473697a6503646d6f64651981a4686d6f6469666965"
        + "641a6b0108bd");
    static final byte[] LEGACY_RENAME = Wire.hex("000000480000000a02a361760161746f636f72652e66732e7265717565737461705829a1626f70a16652656e"
        + "616d65a263737263682f746d702f642f62636473746a2f746d702f782f792f63");

    static final byte[] TCP_CONNECT_9000 = Wire.hex(
        "0000003805fffffe02a3617607617470636f72652e7463702e636f6e6e65637461705818a264686f7374693132372e302e302e3164706f7274192328");
    static final byte[] TCP_CONNECTED = Wire.hex("0000002205fffffe00a3617607617472636f72652e7463702e636f6e6e6563746564617041a0");
    static final byte[] TCP_PING = Wire.hex(
        "000000280600000300a361760761746d636f72652e7463702e6461746161704ca164646174614570696e670a");
    static final byte[] TCP_HELLO = Wire.hex(
        "000000280000004700a361760761746d636f72652e7463702e6461746161704ca164646174614568656c6c6f");
    static final byte[] TCP_EOF = Wire.hex("0000001c05fffffe00a361760761746c636f72652e7463702e656f66617041a0");
    static final byte[] TCP_CLOSE = Wire.hex("0000001e0600000300a361760761746e636f72652e7463702e636c6f7365617041a0");
    static final byte[] TCP_CLOSED = Wire.hex("0000001f0000004601a361760761746f636f72652e7463702e636c6f736564617041a0");
    static final byte[] TCP_FAILED = Wire.hex(
        "0000003e0000003601a361760761746f636f72652e7463702e6661696c65646170581fa1656572726f7277756e6b6e6f776e205443502073657373696f6e3a"
        + "203534");

    /** Where v is in a frame: behind the header, A3 and 61 76. */
    private static final int VERSION_OFFSET = 12;

    private FileWire() {
    }

    /** A greeting of generation 7 with the window that each session may be sent at first. */
    static byte[] greetingWithWindow(final int window) {
        final byte[] ready = Wire.readyWithWindow(window);
        ready[VERSION_OFFSET] = 7;
        return Wire.concat(Arrays.copyOf(GREETING_7, 8), ready);
    }

    /** A response with an error text. */
    static byte[] failed(final int id, final String error) {
        return response(id, false, Wire.text(error), new byte[] {(byte) 0xF6});
    }

    /** A response that brings a list. */
    static byte[] list(final int id, final byte[]... entries) {
        return response(id, true, new byte[] {(byte) 0xF6},
            Wire.concat(Wire.head(5, 1), Wire.text("List"), Wire.head(4, entries.length), Wire.concat(entries)));
    }

    static byte[] stat(final int id, final byte[] entry) {
        return response(id, true, new byte[] {(byte) 0xF6}, Wire.concat(Wire.head(5, 1), Wire.text("Stat"), entry));
    }

    static byte[] path(final int id, final byte[] path) {
        return response(id, true, new byte[] {(byte) 0xF6},
            Wire.concat(Wire.head(5, 1), Wire.text("Path"), Wire.head(3, path.length), path));
    }

    static byte[] handle(final int id, final int handle) {
        return response(id, true, new byte[] {(byte) 0xF6}, Wire.concat(Wire.head(5, 1), Wire.text("Handle"), Wire.head(0, handle)));
    }

    /** An entry of a list; the name's bytes stand behind the directory's. */
    static byte[] entry(final byte[] path, final String kind, final int size, final int mode) {
        return Wire.concat(Wire.head(5, 6), Wire.text("path"), Wire.head(3, path.length), path, Wire.text("kind"), Wire.text(kind),
            Wire.text("size"), Wire.head(0, size), Wire.text("mode"), Wire.head(0, mode), Wire.text("uid"), Wire.head(0, 0),
            Wire.text("gid"), Wire.head(0, 0));
    }

    /** An entry with owner and times. */
    static byte[] entryOf(final String path, final String kind, final int mode, final int owner, final int seconds) {
        final byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        return Wire.concat(Wire.head(5, 8), Wire.text("path"), Wire.head(3, bytes.length), bytes, Wire.text("kind"), Wire.text(kind),
            Wire.text("size"), Wire.head(0, 0), Wire.text("mode"), Wire.head(0, mode), Wire.text("uid"), Wire.head(0, owner),
            Wire.text("gid"), Wire.head(0, owner), Wire.text("atime"), Wire.head(0, seconds), Wire.text("mtime"), Wire.head(0, seconds));
    }

    /** An entry that says all of a file of the host. */
    static byte[] entryOf(final HostFile file) {
        final byte[] bytes = file.path().toString().getBytes(StandardCharsets.UTF_8);
        return Wire.concat(Wire.head(5, 8), Wire.text("path"), Wire.head(3, bytes.length), bytes, Wire.text("kind"),
            Wire.text(file.kind().wireName()), Wire.text("size"), Wire.head(0, (int) file.size()),
            Wire.text("mode"), Wire.head(0, file.mode()), Wire.text("uid"), Wire.head(0, (int) file.uid()),
            Wire.text("gid"), Wire.head(0, (int) file.gid()), Wire.text("atime"), Wire.head(0, (int) file.accessed()),
            Wire.text("mtime"), Wire.head(0, (int) file.modified()));
    }

    static byte[] entry(final String path, final String kind, final int size, final int mode) {
        return entry(path.getBytes(StandardCharsets.UTF_8), kind, size, mode);
    }

    /** The name of the operation that a request asks for: the text in the map under "op". */
    static String operation(final byte[] frame) {
        final String ascii = new String(frame, StandardCharsets.ISO_8859_1);
        final int at = ascii.indexOf("bop\u00a1") + 4;
        final int length = frame[at] & 0x1F;
        return ascii.substring(at + 1, at + 1 + length);
    }

    /** The text behind a key; the key's first place. */
    static String textOf(final byte[] frame, final String key) {
        final String ascii = new String(frame, StandardCharsets.ISO_8859_1);
        final String wanted = new String(Wire.text(key), StandardCharsets.ISO_8859_1);
        final int at = ascii.indexOf(wanted) + wanted.length();
        final ByteBuffer head = ByteBuffer.wrap(frame, at, frame.length - at);
        final int inHead = head.get() & 0x1F;
        final int length = inHead < 24 ? inHead : inHead == 24 ? head.get() & 0xFF : head.getShort() & 0xFFFF;
        return new String(frame, head.position(), length, StandardCharsets.UTF_8);
    }

    private static byte[] response(final int id, final boolean ok, final byte[] error, final byte[] data) {
        return Wire.frame("core.fs.response", id, Wire.TERMINAL, Wire.concat(Wire.head(5, 3), Wire.text("ok"),
            new byte[] {(byte) (ok ? 0xF5 : 0xF4)}, Wire.text("error"), error, Wire.text("data"), data));
    }
}
