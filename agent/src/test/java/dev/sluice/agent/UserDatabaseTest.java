package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.agent.UserDatabase.UnknownUserException;
import dev.sluice.ffi.Posix;
import dev.sluice.protocol.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UserDatabaseTest {
    private static final String PASSWD = """
        root:x:0:0:root:/root:/bin/sh
        # a comment: with: colons
        +nis
        broken:x:abc:0::/x:
        huge:x:4294967295:5::/x:
        short:x:5
        app:x:1000:1000:An App:/home/app:/bin/sh
        1000:x:77:77::/home/odd:/bin/sh
        nohome:x:1001:1001:::
        app:x:2000:2000:second:/home/second:/bin/sh
        """;
    private static final String GROUP = """
        root:x:0:
        tty:x:5:
        app:x:1000:
        audio:x:29:other,app
        video:x:44:app
        appendix:x:45:apple
        bad:x:zz:app
        600:x:61:
        """;

    private final UserDatabase users =
        new UserDatabase(PASSWD.getBytes(StandardCharsets.ISO_8859_1), GROUP.getBytes(StandardCharsets.ISO_8859_1));

    private ProgramUser find(final String specification) throws UnknownUserException {
        return users.find(ByteString.of(specification));
    }

    private static ProgramUser user(final int uid, final int gid, final String home, final Integer... groups) {
        return new ProgramUser(uid, gid, List.of(groups), ByteString.of(home));
    }

    @Test
    void aNameBringsItsGroupsAndHome() throws UnknownUserException {
        assertEquals(user(0, 0, "/root", 0), find("root"));
        assertEquals(user(1000, 1000, "/home/app", 1000, 29, 44), find("app"));
        assertEquals(user(1001, 1001, "/", 1001), find("nohome"));
    }

    @Test
    void aGroupMayBeNamedOrNumbered() throws UnknownUserException {
        assertEquals(user(1000, 5, "/home/app", 5, 29, 44), find("app:tty"));
        assertEquals(user(1000, 12345, "/home/app", 12345, 29, 44), find("app:12345"));
        assertEquals(user(0, 61, "/root", 61), find("0:600"), "a name comes before a number");
    }

    @Test
    void aNumberNeedNotBeListed() throws UnknownUserException {
        assertEquals(user(1001, 1001, "/", 1001), find("1001"));
        assertEquals(user(77, 77, "/home/odd", 77), find("1000"), "a name comes before a number");
        assertEquals(user(54321, 54321, "/", 54321), find("54321"));
        assertEquals(user(54321, 7, "/", 7), find("54321:7"));
        assertEquals(user((int) 4294967294L, 0, "/", 0), find("4294967294:0"));
    }

    @Test
    void whatIsNobodyIsRefused() {
        for (final String specification : List.of(
            "", ":", "nosuch", "root:", ":root", "root:nosuch", "broken", "huge", "short", "+nis", "4294967295", "99999999999",
            "0:4294967295", "-1", " root", "root:root:root", "0x0", "٣")) {
            assertThrows(UnknownUserException.class, () -> find(specification), specification);
        }
    }

    @Test
    void namesAreBytes() throws UnknownUserException {
        final byte[] line = {(byte) 0xff, ':', 'x', ':', '9', ':', '9', ':', ':', '/', (byte) 0xfe, ':'};
        final ProgramUser odd = new UserDatabase(line, new byte[0]).find(ByteString.copyOf((byte) 0xff));
        assertEquals(new ProgramUser(9, 9, List.of(9), ByteString.copyOf((byte) '/', (byte) 0xfe)), odd);
    }

    @Test
    void moreGroupsThanAProcessCanHaveAreLeftOut() throws UnknownUserException {
        final String many = IntStream.range(1, UserDatabase.MAX_GROUPS + 100).mapToObj(i -> "g" + i + ":x:" + i + ":app")
            .collect(Collectors.joining("\n"));
        final UserDatabase full =
            new UserDatabase(PASSWD.getBytes(StandardCharsets.ISO_8859_1), many.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(UserDatabase.MAX_GROUPS, full.find(ByteString.of("app")).groups().size());
    }

    @Test
    void theSystemsOwnFilesAreRead() throws UnknownUserException {
        assertEquals(0, UserDatabase.read(Posix.system()).find(ByteString.of("root")).uid());
    }
}
