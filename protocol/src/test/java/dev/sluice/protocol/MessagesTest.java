package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.protocol.ProtocolException.Reason;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "core.ready | {'ready_time_ns':3,'init_time_ns':2,'boot_time_ns':1,'agent_version':null,'sluice_window':null,'x':[{}]}",
        "core.exec.request | {'cmd':'x'}",
        "core.exec.request | {'cmd':'x','cwd':null,'user':null,'sluice_window':null,'args':[],'new':{'a':[1,2,{'b':null}]}}",
        "core.exec.exited | {'code':-5,'signal':null,'truncated':null,'later':true}",
        "core.exec.failed | {'kind':'not_found','message':'m'}",
        "core.exec.stdin.error | {'message':'m'}",
        "core.error | {'kind':'invalid_flags','message':'m','offending_type':null}",
        "core.fs.request | {'op':{'Mkdir':{'path':'/x','new':1}}}",
        "core.fs.request | {'op':{'SetStat':{'attrs':{},'path':'/x','follow_symlink':true}}}",
        "core.fs.response | {'ok':true}",
        "core.bootstrap | {}",
        "core.bootstrap | {'hostname':null,'network':null,'block_root':{'device':'/dev/vda','x':1,'kind':'disk-image'}}",
        "core.bootstrap | {'dir_mounts':[{'tag':'t','guest_path':'/x'}],'tmpfs_mounts':[{'path':'/t','flags':{'noexec':true}}]}",
        "core.bootstrap | {'block_root':{'upper':{'size_mib':null,'kind':'tmpfs'},'lower':'/dev/vda','kind':'oci-erofs'}}",
        "core.bootstrap | {'network':{'mac':{'$bytes':'010203040506'},'mtu':1,'interface':'e'}}",
        "core.ping | {'new':1}",
        "core.clock.sync | {'unix_time_nanos':18446744073709551615,'x':0}"})
    void acceptsWhatIsAbsentNullUnknownOrInAnotherOrder(final String type, final String json) throws Exception {
        final Message message = decode(type, json);
        assertEquals(type, message.type().wireName());
        final byte[] frame = Frames.encode(7, 1, message);
        assertEquals(message, Frames.decode(MemorySegment.ofArray(frame), 9, frame.length - 9));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "core.ready | {'init_time_ns':2,'ready_time_ns':1} | MISSING_FIELD | boot_time_ns",
        "core.ready | {'boot_time_ns':null,'init_time_ns':2,'ready_time_ns':1} | UNEXPECTED_TYPE | boot_time_ns",
        "core.ready | {'boot_time_ns':-1,'init_time_ns':2,'ready_time_ns':1} | UNEXPECTED_TYPE | boot_time_ns",
        "core.ready | {'boot_time_ns':1,'init_time_ns':2,'ready_time_ns':1,'sluice_window':4294967296} | OUT_OF_RANGE | sluice_window",
        "core.exec.request | {} | MISSING_FIELD | cmd",
        "core.exec.request | {'cmd':'x','args':null} | UNEXPECTED_TYPE | args",
        "core.exec.request | {'cmd':'x','args':[1]} | UNEXPECTED_TYPE | args",
        "core.exec.request | {'cmd':'x','tty':null} | UNEXPECTED_TYPE | tty",
        "core.exec.request | {'cmd':'x','rows':65536} | OUT_OF_RANGE | rows",
        "core.exec.request | {'cmd':'x','rlimits':[{'resource':'cpu','soft':1}]} | MISSING_FIELD | hard",
        "core.exec.started | {'pid':4294967296} | OUT_OF_RANGE | pid",
        "core.exec.exited | {'code':2147483648} | OUT_OF_RANGE | code",
        "core.exec.exited | [] | UNEXPECTED_TYPE | ``",
        "core.exec.failed | {'kind':'other'} | MISSING_FIELD | message",
        "core.exec.resize | {'rows':1} | MISSING_FIELD | cols",
        "core.exec.signal | {'signal':true} | UNEXPECTED_TYPE | signal",
        "core.exec.stdin | {'data':'text'} | UNEXPECTED_TYPE | data",
        "core.fs.request | {'op':'Stat'} | UNEXPECTED_TYPE | op",
        "core.fs.request | {'op':{}} | MALFORMED | op",
        "core.fs.request | {'op':{'Stat':{'path':'/'}}} | MISSING_FIELD | follow_symlink",
        "core.fs.request | {'op':{'Fly':{'path':'/'}}} | UNKNOWN_NAME | op",
        "core.fs.request | {'op':{'List':{'path':'/'},'x':1}} | MALFORMED | path",
        "core.fs.request | {'op':{'Read':{'handle':1,'offset':-1}}} | UNEXPECTED_TYPE | offset",
        "core.fs.response | {'ok':true,'data':{'Blob':1}} | UNKNOWN_NAME | data",
        "core.fs.response | {'ok':true,'data':{'Stat':{'path':'/','kind':'file','size':1,'mode':1,'uid':1}}} | MISSING_FIELD | gid",
        "core.tcp.connect | {'host':'h','port':65536} | OUT_OF_RANGE | port",
        "core.bootstrap | {'dir_mounts':null} | UNEXPECTED_TYPE | dir_mounts",
        "core.bootstrap | {'block_root':{'device':'/dev/vda'}} | MISSING_FIELD | kind",
        "core.bootstrap | {'block_root':{'kind':'disk-image'}} | MISSING_FIELD | device",
        "core.bootstrap | {'block_root':{'kind':'floppy'}} | UNKNOWN_NAME | kind",
        "core.bootstrap | {'block_root':{'kind':'oci-erofs','lower':'l','upper':{'kind':'device','device':'d'}}} | MISSING_FIELD | fstype",
        "core.bootstrap | {'network':{'interface':'e','mac':[1,2,3,4,5],'mtu':1}} | OUT_OF_RANGE | mac",
        "core.bootstrap | {'network':{'interface':'e','mac':'010203040506','mtu':1}} | UNEXPECTED_TYPE | mac",
        "core.bootstrap | {'security_profile':'odd'} | UNKNOWN_NAME | security_profile",
        "core.bootstrap | {'tmpfs_mounts':[{'path':'/t','mode':-1}]} | UNEXPECTED_TYPE | mode",
        "core.ping | null | UNEXPECTED_TYPE | ``",
        "core.init.resolved | {'default_user':{'uid':1}} | MISSING_FIELD | gid"})
    void namesTheFieldThatIsWrong(final String type, final String json, final Reason reason, final String field) {
        final ProtocolException e = assertThrows(ProtocolException.class, () -> decode(type, json));
        assertEquals(reason, e.reason(), e.getMessage());
        assertEquals(field, e.field(), e.getMessage());
    }

    @Test
    void emptyPayloadsAreNoStructs() {
        for (final MessageType type : MessageType.values()) {
            if (type != MessageType.SHUTDOWN) {
                assertThrows(ProtocolException.class, () -> decode(type.wireName(), new byte[0]), type.wireName());
                assertThrows(ProtocolException.class, () -> decode(type.wireName(), new byte[] {(byte) 0xF6}), type.wireName());
            }
        }
    }

    @Test
    void keysTwiceAreRefusedOnlyWhereKnown() throws ProtocolException {
        assertEquals(new ExecExited(1), decode("core.exec.exited", hex("a364636f64650161780061 7801")));
        final ProtocolException e =
            assertThrows(ProtocolException.class, () -> decode("core.exec.exited", hex("a264636f64650164636f646501")));
        assertEquals(Reason.MALFORMED, e.reason());
        assertEquals("code", e.field());
    }

    @Test
    void ownExtensionsAreLeftOutWhenEmpty() throws Exception {
        final byte[] plain = Frames.encode(1, 1, new ExecExited(0));
        assertArrayEquals(Vectors.named("exec.exited 0").frame(), plain);
        final ExecExited killed = new ExecExited(137, 9, true);
        final byte[] frame = Frames.encode(1, 1, killed);
        assertEquals(killed, Frames.decode(MemorySegment.ofArray(frame), 9, frame.length - 9));

        final Ready ready = new Ready(1, 2, 3, "1.0", 65536);
        final byte[] readyFrame = Frames.encode(1, 0, ready);
        assertEquals(ready, Frames.decode(MemorySegment.ofArray(readyFrame), 9, readyFrame.length - 9));
        assertThrows(IllegalArgumentException.class, () -> new Ready(1, 2, 3, "", 1L << 32));

        final ExecRequest request = ExecRequest.builder(ByteString.of("x")).sluiceWindow(100_000).tty(50, 132).build();
        final byte[] requestFrame = Frames.encode(1, 1, request);
        assertEquals(request, Frames.decode(MemorySegment.ofArray(requestFrame), 9, requestFrame.length - 9));
    }

    @Test
    void namesAreBytesEndToEnd() throws ProtocolException {
        final ByteString odd = ByteString.copyOf((byte) '/', (byte) 0xFF, (byte) 0xC3, (byte) 0);
        final ExecRequest request = ExecRequest.builder(odd)
            .args(List.of(odd, ByteString.of("h\u00e4h"), ByteString.EMPTY))
            .env(List.of(odd))
            .cwd(odd)
            .user(odd)
            .build();
        final byte[] frame = Frames.encode(7, 1, request);
        final Message decoded = Frames.decode(MemorySegment.ofArray(frame), 9, frame.length - 9);
        assertEquals(request, decoded);
        final JsonNode json = assertWellFormed(request);
        assertEquals("2fffc300", json.get("cmd").get("$bytes").asText(), "what is not UTF-8 goes as a byte string");
        assertEquals("h\u00e4h", json.get("args").get(1).asText());
        // What other encoders write for such names: a text string that is none.
        assertEquals(odd, ((ExecRequest) decode("core.exec.request", hex("a163636d64642fffc300"))).cmd());
    }

    @Test
    void unknownKindsAreOther() throws ProtocolException {
        assertEquals(ExecFailed.Kind.OTHER, ((ExecFailed) decode("core.exec.failed", "{'kind':'meteor','message':''}")).kind());
        assertEquals(CoreError.Kind.OTHER, ((CoreError) decode("core.error", "{'kind':'meteor','message':''}")).kind());
    }

    @Test
    @TimeLimit(seconds = 20)
    void listsAreLimited() {
        final byte[] many = new byte[3_000_000];
        final MemorySegment memory = MemorySegment.ofArray(many);
        final CborWriter writer = new CborWriter().wrap(memory, 0, many.length);
        writer.writeMapHead(2);
        writer.writeText("cmd");
        writer.writeText("x");
        writer.writeText("args");
        writer.writeHead(CborDescriptor.ARRAY, 2_900_000);
        java.util.Arrays.fill(many, (int) writer.written(), many.length, (byte) 0x60);
        assertEquals(Reason.TOO_LARGE, assertThrows(ProtocolException.class, () -> decode("core.exec.request", many)).reason());
    }

    @Test
    void tooLargeForAFrameIsAnError() throws ProtocolException {
        final ByteString piece = ByteString.copyOf(new byte[100_000]);
        final ExecRequest most = ExecRequest.builder(piece).args(Collections.nCopies(40, piece)).build();
        assertTrue(Frames.frameLength(most) < FrameDescriptor.MAX_FRAME_LENGTH);
        final ExecRequest tooMuch = ExecRequest.builder(piece).args(Collections.nCopies(41, piece)).build();
        final ProtocolException e = assertThrows(ProtocolException.class, () -> Frames.encode(1, 1, tooMuch));
        assertEquals(Reason.TOO_LARGE, e.reason());
        assertThrows(IllegalArgumentException.class, () -> Frames.encode(0, 1, new ExecExited(0)));
        assertThrows(IllegalArgumentException.class, () -> Frames.encode(24, 1, new ExecExited(0)));
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> Frames.encode(MemorySegment.ofArray(new byte[20]), 0, 1, 1, new ExecExited(0)));
    }

    @Test
    void damagedFramesEndInAMessageOrATypedError() {
        final Random random = new Random(Seeds.next("damage"));
        final List<Vectors.Vector> vectors = new ArrayList<>(Vectors.all().toList());
        final Envelope envelope = new Envelope();
        for (int round = 0; round < 60_000; round++) {
            final Vectors.Vector vector = vectors.get(random.nextInt(vectors.size()));
            final byte[] frame = vector.frame().clone();
            for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
                frame[9 + random.nextInt(frame.length - 9)] = (byte) random.nextInt(256);
            }
            final MemorySegment memory = MemorySegment.ofArray(frame);
            MessageType.recognise(memory, 9, frame.length - 9);
            try {
                envelope.wrap(memory, 9, frame.length - 9);
                if (envelope.type() == MessageType.FS_REQUEST && random.nextBoolean()) {
                    LegacyFsRequest.decode(envelope);
                } else if (envelope.type() == MessageType.FS_RESPONSE && random.nextBoolean()) {
                    LegacyFsResponse.decode(envelope);
                } else {
                    // Whatever was decoded can be encoded, and is the same then.
                    final Message message = Frames.decode(envelope);
                    final byte[] again = Frames.encode(7, 1, message);
                    assertEquals(message, Frames.decode(MemorySegment.ofArray(again), 9, again.length - 9));
                }
            } catch (final ProtocolException e) {
                assertTrue(e.getMessage().length() < 1000);
            }
        }
    }

    private static JsonNode assertWellFormed(final Message message) throws ProtocolException {
        final CborWriter writer = new CborWriter();
        message.writePayload(writer);
        final MemorySegment payload = MemorySegment.ofArray(new byte[(int) writer.written()]);
        message.writePayload(writer.wrap(payload, 0, payload.byteSize()));
        return JsonCbor.read(new CborReader().wrap(payload, 0, (int) payload.byteSize()));
    }

    private static Message decode(final String type, final String json) throws ProtocolException {
        try {
            return decode(type, JsonCbor.encode(JSON.readTree(json.replace('\'', '"'))));
        } catch (final com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static Message decode(final String type, final byte[] payload) throws ProtocolException {
        final MemorySegment body = MemorySegment.ofArray(new byte[payload.length + 100]);
        final CborWriter writer = new CborWriter().wrap(body, 0, body.byteSize());
        writer.writeMapHead(3);
        writer.writeText("v");
        writer.writeUnsigned(7);
        writer.writeText("t");
        writer.writeText(type);
        writer.writeText("p");
        writer.writeBytes(ByteString.copyOf(payload));
        return Frames.decode(body, 0, (int) writer.written());
    }

    private static byte[] hex(final String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
